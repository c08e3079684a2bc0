import { PRIVATE_FILE } from "../platform/durable_file.ts";

// What was read from a store and never changes, kept in a directory of this machine: public manifests and lists. Whoever takes
// something out checks it as if it came from the store. What is opened is sealed.

/** Bytes of all that is kept at most. */
const CACHE_BYTES_MAX = 256 * 2 ** 20;
/** So many things are added between two looks at how much there is. */
const PUTS_BETWEEN_LOOKS = 256;
/** What a look leaves. */
const KEPT_SHARE = 0.75;

const PRIVATE_DIRECTORY = 0o700;

const KINDS = ["manifests", "lists", "opened"] as const;

export type CachedKind = typeof KINDS[number];

/** A directory with copies. Whatever goes wrong with it costs a request, no more. */
export class MetadataCache {
  readonly directory: string;
  #puts = 0;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** `key` is a name without `/`. `undefined` where it is not kept, or cannot be read. */
  get(kind: CachedKind, key: string): Uint8Array | undefined {
    try {
      return Deno.readFileSync(`${this.directory}/${kind}/${key}`);
    } catch {
      return undefined;
    }
  }

  put(kind: CachedKind, key: string, bytes: Uint8Array): void {
    const path = `${this.directory}/${kind}/${key}`;
    const temporary = `${path}.${Deno.pid}~`;
    try {
      if (this.#puts++ % PUTS_BETWEEN_LOOKS === 0) this.#trim();
      Deno.writeFileSync(temporary, bytes, { mode: PRIVATE_FILE });
      Deno.renameSync(temporary, path);
    } catch {
      // A full disk, or a directory of someone else: then nothing is kept.
    }
  }

  /** Removes the oldest where there is too much. */
  #trim(): void {
    const files = KINDS.flatMap((kind) => filesIn(`${this.directory}/${kind}`));
    let bytes = files.reduce((sum, { size }) => sum + size, 0);
    if (bytes <= CACHE_BYTES_MAX) return;
    for (const { path, size } of files.sort((a, b) => a.timeMs - b.timeMs)) {
      if (bytes <= CACHE_BYTES_MAX * KEPT_SHARE) return;
      Deno.removeSync(path);
      bytes -= size;
    }
  }
}

function filesIn(directory: string): { path: string; size: number; timeMs: number }[] {
  Deno.mkdirSync(directory, { recursive: true, mode: PRIVATE_DIRECTORY });
  return [...Deno.readDirSync(directory)].map(({ name }) => {
    const path = `${directory}/${name}`;
    const { size, mtime } = Deno.statSync(path);
    return { path, size, timeMs: mtime?.getTime() ?? 0 };
  });
}
