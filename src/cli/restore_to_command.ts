import { EnvironmentError, UsageError } from "../base/errors.ts";
import { displayPath } from "../model/path.ts";
import { contentsOf } from "../operations/browse/open_snapshot.ts";
import type { FileContents } from "../operations/browse/file_contents.ts";
import type { Tools } from "../read/tools.ts";
import { feed } from "../platform/feed.ts";
import { openLocally } from "./browser.ts";
import type { Identity } from "../seal/age.ts";
import type { Io } from "./io.ts";
import { findPath, onlyOne, resolveWithKey } from "./looked_at.ts";
import { parseSnapshotPath } from "./snapshot_path.ts";
import type { Output, OutputOptions } from "./output.ts";
import { choiceOf, type WhatFlags } from "./restore_flags.ts";

/** Read at a time. */
const READ_BYTES = 1024 * 1024;

interface RestoreCall {
  readonly tools: Tools;
  readonly identities: readonly Identity[];
  readonly options: WhatFlags & OutputOptions;
  readonly io: Io;
  readonly output: Output;
}

/**
 * Feeds the file that `wanted` (`ID:PATH`) names to `command`, byte for byte as it was checked. Damage kills the command, and is thrown; a command
 * that fails, or does not take all of it, is an `EnvironmentError`.
 */
export async function restoreToCommand(
  wanted: string,
  command: readonly string[],
  { tools, identities, options, io, output }: RestoreCall,
): Promise<void> {
  const { word, path } = parseSnapshotPath(wanted, io.now());
  const resolved = await resolveWithKey(tools, identities, word, choiceOf(options));
  const { browsed, entry } = onlyOne(await findPath(openLocally(identities), resolved, path));
  const shown = displayPath(path);
  if (entry?.kind !== "file") {
    throw new UsageError(`Cannot feed "${shown}" to a command: it is no regular file`);
  }
  const decoder = new TextDecoder();
  const err = (bytes: Uint8Array) => io.stderr(decoder.decode(bytes, { stream: true }));
  const { code, isCutOff } = await feed(command, piecesOf(await contentsOf(browsed, entry)), {
    // With --json standard output is nothing but JSON.
    out: options.json ? err : (bytes) => void io.stdoutBytes(bytes),
    err,
    signal: io.signal,
  });
  const [program] = command;
  if (code !== 0) throw new EnvironmentError(`Cannot restore "${shown}": ${program} ended with ${code}`);
  if (isCutOff) {
    throw new EnvironmentError(
      `Cannot restore "${shown}": ${program} ended with 0, but did not read all of it`,
    );
  }
  const { id } = browsed.snapshot;
  const bytes = entry.size ?? 0;
  output.result(
    { id, path: shown, program, program_exit_code: code, bytes },
    `${program} took all of "${shown}" of ${id}`,
  );
}

async function* piecesOf(file: FileContents): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.size; at += READ_BYTES) yield* await file.read(at, READ_BYTES);
}
