import { lstatSync } from "node:fs";
import { pathOf } from "../../src/model/path.ts";
import { setTime } from "../../src/platform/write.ts";
import { real } from "./deno_calls.ts";

interface Entry {
  readonly path: string;
  readonly mode: number;
  /** Nanoseconds since 1970. */
  readonly mtime: string;
  /** Of a file; a directory has none. */
  readonly bytes?: Uint8Array;
  readonly target?: string;
  /** Another name of it that comes earlier. */
  readonly first?: string;
}

/** What was in a directory, to be put back there: files, directories and links. */
export class DiskImage {
  readonly #directory: string;
  readonly #entries: readonly Entry[];

  constructor(directory: string) {
    this.#directory = directory;
    this.#entries = [...entriesIn(directory)];
  }

  restore(): void {
    removeIfThere(this.#directory);
    real.mkdirSync(this.#directory, { mode: 0o700 });
    for (const { path, mode, bytes, target, first } of this.#entries) {
      if (first !== undefined) Deno.linkSync(first, path);
      else if (target !== undefined) Deno.symlinkSync(target, path);
      else if (bytes === undefined) real.mkdirSync(path, { mode });
      else real.writeFileSync(path, bytes, { mode });
    }
    for (const { path, mtime, target } of this.#entries.toReversed()) {
      if (target === undefined) setTime(pathOf(path), mtime);
    }
  }
}

export function removeIfThere(path: string): void {
  try {
    real.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function* entriesIn(directory: string, firsts = new Map<bigint, string>()): Generator<Entry> {
  for (const { name } of real.readDirSync(directory)) {
    const path = `${directory}/${name}`;
    const found = lstatSync(path, { bigint: true });
    const common = { path, mode: Number(found.mode) & 0o7777, mtime: String(found.mtimeNs) };
    if (found.isSymbolicLink()) yield { ...common, target: real.readLinkSync(path) };
    else if (found.isDirectory()) {
      yield common;
      yield* entriesIn(path, firsts);
    } else if (found.isFile()) {
      yield { ...common, bytes: real.readFileSync(path), first: firsts.get(found.ino) };
      if (found.nlink > 1n) firsts.set(found.ino, path);
    }
  }
}

/** A text that is equal for equal contents of `directory`: names, modes, bytes. */
export function fingerprint(directory: string): string {
  const lines = [...entriesIn(directory)].map(({ path, mode, bytes, target }) =>
    `${path} ${mode} ${bytes === undefined ? target : hash(bytes)}`
  );
  return lines.sort().join("\n");
}

/** FNV-1a; no one tries to deceive us here. */
function hash(bytes: Uint8Array): string {
  let state = 0x811c9dc5;
  for (const byte of bytes) state = Math.imul(state ^ byte, 0x01000193) >>> 0;
  return `${bytes.length}-${state}`;
}
