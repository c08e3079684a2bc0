import type { Path } from "../model/path.ts";
import { openLocally } from "./browser.ts";
import { findIdentities } from "./identities.ts";
import type { Io } from "./io.ts";
import { findPath, type FoundPath, resolveWithKey } from "./looked_at.ts";
import type { Output, OutputOptions } from "./output.ts";
import { openSession, type StoreOptions } from "./session.ts";
import { parseSnapshotPath } from "./snapshot_path.ts";

/** Options of a command that looks at a path of snapshots. */
export interface PathFlags extends OutputOptions, StoreOptions {
  readonly identity?: readonly string[];
  readonly name?: string;
}

/** A path in each snapshot that has it, open as long as this is. */
export interface OpenedPath extends AsyncDisposable {
  readonly path: Path;
  readonly found: readonly FoundPath[];
}

/** Opens the store, and what `ID:PATH` names in it. Throws as {@link findPath} does. */
export async function openPath(
  wanted: string,
  options: PathFlags,
  io: Io,
  output: Output,
): Promise<OpenedPath> {
  const { word, path } = parseSnapshotPath(wanted, io.now());
  const identities = await findIdentities(options.identity, io);
  await using opening = new AsyncDisposableStack();
  const tools = opening.use(await openSession(options, io, output));
  const resolved = await resolveWithKey(tools, identities, word, options);
  const found = await findPath(openLocally(identities), resolved, path);
  const opened = opening.move();
  return { path, found, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
