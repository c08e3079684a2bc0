import { resolve } from "node:path";
import { EnvironmentError, ExistsError, NotFoundError, UsageError } from "../base/errors.ts";
import { errnoName } from "../base/errno.ts";
import { readAhead } from "../base/read_ahead.ts";
import { makeDirectoryDurably } from "../platform/durable_file.ts";
import { isAbsence, toStoreError } from "./file_errors.ts";
import { readObject, removeLeftover, syncDirectory, writeSynced } from "./file_io.ts";
import { publishNew } from "./file_names.ts";
import { checkName, checkPrefix, isName } from "./names.ts";
import { QuickCalls } from "./quick_calls.ts";
import type { CallOptions, GetOptions, ObjectInfo, ObjectStore, PutOptions } from "./store.ts";
import { isTemporary, temporaryName } from "./temporary.ts";

/** Directories that a listing looks at before it needs them: waiting for one hides behind the others. */
const DIRECTORIES_AHEAD = 8;

/** What a listing meets in a directory: an object, or the name of a directory. */
type Item = ObjectInfo | string;

export interface FileStoreOptions {
  /** Make the directory where it is missing. Default: refuse, because a missing directory may be a disk not mounted. */
  readonly create?: boolean;
}

/** A store in the directory `path`; throws `UsageError` where it is missing or no directory. */
export async function openFileStore(path: string, options: FileStoreOptions = {}): Promise<ObjectStore> {
  const root = resolve(path);
  try {
    if (options.create) makeDirectoryDurably(root, { mode: 0o700 });
    const found = await Deno.stat(root);
    if (!found.isDirectory) throw new UsageError(`Cannot open "${root}" as a store: not a directory`);
    await Deno.readDir(root)[Symbol.asyncIterator]().next();
    return new FileStore(root, found);
  } catch (error) {
    if (errnoName(error) === "ENOENT") {
      throw new UsageError(`Cannot open "${root}" as a store: no such directory (is the disk mounted?)`, {
        cause: error,
      });
    }
    throw toStoreError(error, "open", root);
  }
}

/**
 * Objects as files. A file takes its name only when its bytes are on the disk, and `put` resolves only when its name is; `remove`, when the
 * disk does not have it any more: what is removed later may be needed by it.
 * A name cannot be a file and a directory, so `a` and `a/b` do not go together here.
 */
class FileStore implements ObjectStore {
  readonly location: string;
  readonly #root: string;
  readonly #identity: { readonly dev: number; readonly ino: number | null };
  /** Directories known to exist, relative to the root. */
  readonly #directories = new Map<string, Promise<void>>();
  readonly #calls = new QuickCalls();

  constructor(root: string, identity: { readonly dev: number; readonly ino: number | null }) {
    this.location = `file://${root}`;
    this.#root = root;
    this.#identity = identity;
  }

  async put(name: string, bytes: Uint8Array, options: PutOptions = {}): Promise<void> {
    checkName(name);
    const { signal, createOnly = false } = options;
    signal?.throwIfAborted();
    const directory = parentOf(name);
    const path = this.#pathOf(name);
    const temporary = this.#pathOf(temporaryName(name));
    try {
      await this.#makeDirectory(directory);
      await writeSynced(temporary, bytes, signal);
      signal?.throwIfAborted();
      await (createOnly ? publishNew(temporary, path) : Deno.rename(temporary, path));
      await syncDirectory(this.#pathOf(directory));
    } catch (error) {
      if (errnoName(error) === "ENOENT") this.#directories.clear();
      await Deno.remove(temporary).catch(() => {});
      if (signal?.aborted) throw signal.reason;
      const refusal = toStoreError(error, "write", path);
      if (refusal instanceof ExistsError) await this.#makeNameDurable(name);
      throw refusal;
    }
  }

  async get(name: string, options: GetOptions = {}): Promise<Uint8Array> {
    checkName(name);
    options.signal?.throwIfAborted();
    const path = this.#pathOf(name);
    try {
      return await readObject(path, options, this.#calls);
    } catch (error) {
      if (options.signal?.aborted) throw options.signal.reason;
      if (!isAbsence(error)) throw toStoreError(error, "read", path);
      await this.#checkRoot();
      throw new NotFoundError(`Cannot read "${path}": not there`, { cause: error });
    }
  }

  async size(name: string, options: CallOptions = {}): Promise<number | undefined> {
    checkName(name);
    options.signal?.throwIfAborted();
    const path = this.#pathOf(name);
    try {
      const found = await Deno.stat(path);
      return found.isFile ? found.size : undefined;
    } catch (error) {
      if (!isAbsence(error)) throw toStoreError(error, "look at", path);
      await this.#checkRoot();
      return undefined;
    }
  }

  async *list(prefix: string, options: CallOptions = {}): AsyncIterable<ObjectInfo> {
    checkPrefix(prefix);
    options.signal?.throwIfAborted();
    await this.#checkRoot();
    yield* this.#listDirectory(parentOf(prefix), prefix, options.signal);
  }

  async folders(prefix: string, options: CallOptions = {}): Promise<string[]> {
    checkPrefix(prefix);
    options.signal?.throwIfAborted();
    await this.#checkRoot();
    const parent = parentOf(prefix);
    const found: string[] = [];
    for (const { isDirectory, name } of await this.#readDirectory(parent)) {
      const isFolder = isDirectory && isName(name);
      if (isFolder && await this.#holdsObject(joined(parent, name), options.signal)) found.push(name);
    }
    return found.sort();
  }

  /** What was removed leaves empty directories. */
  async #holdsObject(directory: string, signal: AbortSignal | undefined): Promise<boolean> {
    for (const item of await this.#look(directory, "", signal)) {
      if (typeof item !== "string" || await this.#holdsObject(item, signal)) return true;
    }
    return false;
  }

  async remove(name: string, options: CallOptions = {}): Promise<void> {
    checkName(name);
    options.signal?.throwIfAborted();
    const path = this.#pathOf(name);
    try {
      await Deno.remove(path);
    } catch (error) {
      if (!isAbsence(error)) throw toStoreError(error, "remove", path);
      await this.#checkRoot();
    }
    await this.#makeNameDurable(name);
  }

  /** That it is there, or gone: also where it was so before, as whoever did it may have been killed before the disk had it. */
  async #makeNameDurable(name: string): Promise<void> {
    const path = this.#pathOf(parentOf(name));
    try {
      await syncDirectory(path);
    } catch (error) {
      if (!isAbsence(error)) throw toStoreError(error, "write to", path);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #pathOf(name: string): string {
    return name === "" ? this.#root : `${this.#root}/${name}`;
  }

  /** A directory that went away, or one under a disk that was unmounted, must not look like a store without objects. */
  async #checkRoot(): Promise<void> {
    try {
      const found = await Deno.stat(this.#root);
      if (found.dev === this.#identity.dev && found.ino === this.#identity.ino) return;
    } catch (error) {
      throw toStoreError(error, "open", this.#root);
    }
    throw new EnvironmentError(
      `Cannot use "${this.#root}": another directory than at the start (was a disk unmounted?)`,
    );
  }

  #makeDirectory(directory: string): Promise<void> {
    if (directory === "") return this.#checkRoot();
    let made = this.#directories.get(directory);
    if (made === undefined) {
      made = this.#makeOneDirectory(directory);
      this.#directories.set(directory, made);
      made.catch(() => this.#directories.delete(directory));
    }
    return made;
  }

  async #makeOneDirectory(directory: string): Promise<void> {
    const parent = parentOf(directory);
    await this.#makeDirectory(parent);
    try {
      await Deno.mkdir(this.#pathOf(directory), { mode: 0o700 });
    } catch (error) {
      if (errnoName(error) === "EEXIST") return;
      throw error;
    }
    await syncDirectory(this.#pathOf(parent));
  }

  /** Directories that will be needed soon are looked at meanwhile. */
  async *#listDirectory(directory: string, prefix: string, signal?: AbortSignal): AsyncIterable<ObjectInfo> {
    const look = async (item: Item): Promise<ObjectInfo | readonly Item[]> =>
      typeof item === "string" ? await this.#look(item, prefix, signal) : item;
    const below = async function* (items: readonly Item[]): AsyncIterable<ObjectInfo> {
      for await (const found of readAhead(items, DIRECTORIES_AHEAD, look)) {
        if (isObject(found)) yield found;
        else yield* below(found);
      }
    };
    yield* below(await this.#look(directory, prefix, signal));
  }

  /** What is directly in a directory, in order. */
  async #look(directory: string, prefix: string, signal?: AbortSignal): Promise<readonly Item[]> {
    const items: Item[] = [];
    for (const entry of await this.#readDirectory(directory)) {
      signal?.throwIfAborted();
      const name = joined(directory, entry.name);
      if (isTemporary(entry.name)) await removeLeftover(this.#pathOf(name));
      if (!isName(name)) continue;
      if (entry.isDirectory) {
        if (`${name}/`.startsWith(prefix)) items.push(name);
      } else if (name.startsWith(prefix)) {
        const info = await this.#describe(name);
        if (info !== undefined) items.push(info);
      }
    }
    return items;
  }

  /** In the order of the names that its entries begin: a directory sorts as if it ended in `/`. */
  async #readDirectory(directory: string): Promise<Deno.DirEntry[]> {
    const path = this.#pathOf(directory);
    try {
      const entries = await this.#calls.make(
        () => [...Deno.readDirSync(path)],
        () => Array.fromAsync(Deno.readDir(path)),
      );
      const keyed = entries.map((entry) =>
        [entry.isDirectory ? `${entry.name}/` : entry.name, entry] as const
      );
      return keyed.sort(([a], [b]) => a < b ? -1 : 1).map(([, entry]) => entry);
    } catch (error) {
      if (!isAbsence(error)) throw toStoreError(error, "list", path);
      await this.#checkRoot();
      return [];
    }
  }

  async #describe(name: string): Promise<ObjectInfo | undefined> {
    const path = this.#pathOf(name);
    try {
      const found = await this.#calls.make(() => Deno.statSync(path), () => Deno.stat(path));
      return found.isFile ? { name, size: found.size, modified: found.mtime ?? new Date(0) } : undefined;
    } catch (error) {
      if (!isAbsence(error)) throw toStoreError(error, "look at", path);
      await this.#checkRoot();
      return undefined;
    }
  }
}

function isObject(found: ObjectInfo | readonly Item[]): found is ObjectInfo {
  return "name" in found;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function joined(directory: string, name: string): string {
  return directory === "" ? name : `${directory}/${name}`;
}
