import {
  CorruptionError,
  EnvironmentError,
  ExistsError,
  NotFoundError,
  UnavailableError,
  UsageError,
} from "../base/errors.ts";
import { toStoreError } from "./file_errors.ts";
import { checkName, checkPrefix, isName } from "./names.ts";
import { canMove, hasDirectories, objectsIn, pathsIn, sizeIn } from "./rclone_answers.ts";
import { CALL_LIMIT_MS, callRclone, readFromRclone } from "./rclone_calls.ts";
import { type RcloneOptions, type RcloneServer, startRclone } from "./rclone_server.ts";
import type { ByteRange, CallOptions, GetOptions, ObjectInfo, ObjectStore, PutOptions } from "./store.ts";
import { isLeftover, isTemporary, temporaryName } from "./temporary.ts";

export interface RcloneLocation {
  /** As rclone's configuration calls it. */
  readonly remote: string;
  /** Directory or bucket and prefix on it; empty for all of it. */
  readonly path: string;
}

export interface RcloneStoreOptions extends RcloneOptions {
  /** Make the directory where it is missing. Default: refuse, because a missing directory may be a disk not mounted. */
  readonly create?: boolean;
}

/** What the remote can do. */
interface Abilities {
  readonly isRenaming: boolean;
  readonly hasDirectories: boolean;
}

/** A transfer that is slower counts as hanging. */
const SLOWEST_BYTES_PER_MS = 16;
/** rclone gathers a listing before it answers; some remotes take a request a directory. */
const LIST_LIMIT_MS = 3600_000;
const CLEAN_LIMIT_MS = 30_000;

/** For messages, and as the configuration takes it. */
export function describeRclone({ remote, path }: RcloneLocation): string {
  return `rclone://${remote}${path === "" ? "" : `/${path}`}`;
}

/** A store on a remote of rclone. Starts rclone, and asks nothing of the remote yet. */
export async function openRcloneStore(
  location: RcloneLocation,
  options: RcloneStoreOptions = {},
): Promise<ObjectStore> {
  return new RcloneStore(await startRclone(options), location, options.create ?? false);
}

/**
 * Objects as files of a remote. Where the remote can rename, an object is uploaded under another name and gets its own when it is
 * whole; remotes that cannot are object stores, which show an object when they have all of it. No remote can refuse to replace
 * an object in one step: `createOnly` looks first, so of two writers at the same instant both succeed.
 */
class RcloneStore implements ObjectStore {
  readonly location: string;
  readonly #server: RcloneServer;
  readonly #fs: string;
  readonly #create: boolean;
  readonly #turns = new Map<string, Promise<void>>();
  #abilities: Promise<Abilities> | undefined;

  constructor(server: RcloneServer, { remote, path }: RcloneLocation, create: boolean) {
    this.location = describeRclone({ remote, path });
    this.#server = server;
    this.#fs = `${remote}:${path}`;
    this.#create = create;
  }

  put(name: string, bytes: Uint8Array, options: PutOptions = {}): Promise<void> {
    return this.#inTurn(name, () => this.#put(name, bytes, options));
  }

  async get(name: string, options: GetOptions = {}): Promise<Uint8Array> {
    checkName(name);
    await this.#prepare(options);
    const { signal, range, maxBytes, into } = options;
    const request = { action: "read", thing: this.#thing(name), signal, range, maxBytes, into };
    try {
      return await readFromRclone(this.#server, this.#fs, name, request);
    } catch (error) {
      if (error instanceof NotFoundError) await this.#checkRoot(options);
      const isUnclear = error instanceof UnavailableError || error instanceof UsageError;
      if (range !== undefined && isUnclear) {
        await this.#checkEnd(name, range, options);
      }
      throw error;
    }
  }

  async size(name: string, options: CallOptions = {}): Promise<number | undefined> {
    checkName(name);
    const { hasDirectories } = await this.#prepare(options);
    const opt = { filesOnly: true, noMimeType: true, noModTime: true };
    const size = sizeIn(
      await this.#call("operations/stat", "look for", name, { remote: name, opt }, options),
    );
    if (size === undefined && hasDirectories) await this.#checkRoot(options);
    return size;
  }

  /** Holds all of the listing in memory, since no remote promises an order; some keep several files of one name. */
  async *list(prefix: string, options: CallOptions = {}): AsyncIterable<ObjectInfo> {
    checkPrefix(prefix);
    await this.#prepare(options);
    const found: ObjectInfo[] = [];
    const opt = { recurse: true, filesOnly: true, noMimeType: true };
    for (const { path: name, ...rest } of objectsIn(await this.#listItems(prefix, opt, options))) {
      if (isTemporary(name) && isLeftover(rest.modified)) await this.#removeQuietly(name);
      if (isName(name) && name.startsWith(prefix)) found.push({ name, ...rest });
    }
    found.sort((a, b) => a.name < b.name ? -1 : 1);
    yield* found.filter(({ name }, at) => name !== found[at - 1]?.name);
  }

  async folders(prefix: string, options: CallOptions = {}): Promise<string[]> {
    checkPrefix(prefix);
    await this.#prepare(options);
    const opt = { dirsOnly: true, noMimeType: true, noModTime: true };
    const paths = pathsIn(await this.#listItems(prefix, opt, options));
    return [...new Set(paths.map((path) => path.slice(path.lastIndexOf("/") + 1)).filter(isName))].sort();
  }

  async remove(name: string, options: CallOptions = {}): Promise<void> {
    checkName(name);
    await this.#prepare(options);
    try {
      await this.#call("operations/deletefile", "remove", name, { remote: name }, options);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      await this.#checkRoot(options);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  #thing(name: string): string {
    return name === "" ? this.location : `${this.location}/${name}`;
  }

  #call(
    path: string,
    action: string,
    name: string,
    input: object,
    options: CallOptions & { readonly limitMs?: number },
  ): ReturnType<typeof callRclone> {
    const request = { action, thing: this.#thing(name), signal: options.signal, limitMs: options.limitMs };
    return callRclone(this.#server, path, { fs: this.#fs, ...input }, request);
  }

  /** Finds out what the remote can do, and that the store is there; asks again where that is not known. */
  #prepare(options: CallOptions): Promise<Abilities> {
    options.signal?.throwIfAborted();
    this.#abilities ??= this.#look(options).catch((error) => {
      this.#abilities = undefined;
      throw error;
    });
    return this.#abilities;
  }

  async #look(options: CallOptions): Promise<Abilities> {
    const facts = await this.#call("operations/fsinfo", "open", "", {}, options);
    if (!await this.#isThere("", options)) {
      if (!this.#create) {
        throw new UsageError(`Cannot open "${this.location}" as a store: no such directory or bucket`);
      }
      await this.#call("operations/mkdir", "make", "", { remote: "" }, options);
    }
    return { isRenaming: canMove(facts), hasDirectories: hasDirectories(facts) };
  }

  /** Whether the directory can be listed, without a look at those below it. */
  async #isThere(directory: string, options: CallOptions): Promise<boolean> {
    try {
      const opt = { noModTime: true, noMimeType: true };
      await this.#call("operations/list", "open", directory, { remote: directory, opt }, options);
      return true;
    } catch (error) {
      if (error instanceof NotFoundError) return false;
      throw error;
    }
  }

  /** A directory that went away, as with a disk behind the remote, must not look like a store without objects. */
  async #checkRoot(options: CallOptions): Promise<void> {
    if (await this.#isThere("", options)) return;
    throw new EnvironmentError(
      `Cannot use "${this.location}": no such directory or bucket any more (was a disk unmounted?)`,
    );
  }

  async #put(name: string, bytes: Uint8Array, options: PutOptions): Promise<void> {
    checkName(name);
    const { isRenaming } = await this.#prepare(options);
    if (options.createOnly) await this.#checkFree(name, options);
    const uploaded = isRenaming ? temporaryName(name) : name;
    const local = `${this.#server.directory}/${crypto.randomUUID()}`;
    try {
      await writeLocal(local, bytes, options);
      await this.#upload(local, uploaded, name, options, bytes.length);
      if (isRenaming) await this.#rename(uploaded, name, options);
    } catch (error) {
      if (isRenaming) await this.#removeQuietly(uploaded);
      throw error;
    } finally {
      await Deno.remove(local).catch(() => {});
    }
  }

  /** Renaming over a name that another just renamed over fails on some remotes, so puts of one name take turns. */
  async #inTurn(name: string, put: () => Promise<void>): Promise<void> {
    const turn = (this.#turns.get(name) ?? Promise.resolve()).then(put);
    const settled = turn.catch(() => {});
    this.#turns.set(name, settled);
    await turn.finally(() => {
      if (this.#turns.get(name) === settled) this.#turns.delete(name);
    });
  }

  /**
   * How rclone fails where a range goes beyond the end depends on its version; some answer what is not HTTP and close the
   * connection, which may spoil the next call, too.
   */
  async #checkEnd(name: string, { offset, length }: ByteRange, options: CallOptions): Promise<void> {
    const size = await this.size(name, options).catch(() => this.size(name, options));
    if (size === undefined || offset + length <= size) return;
    throw new CorruptionError(
      `Cannot read "${this.#thing(name)}": it ends at byte ${size}, not ${offset + length}`,
    );
  }

  async #checkFree(name: string, options: CallOptions): Promise<void> {
    if (await this.size(name, options) === undefined) return;
    throw new ExistsError(`Cannot write "${this.#thing(name)}": it exists`);
  }

  async #upload(local: string, to: string, name: string, options: CallOptions, bytes: number): Promise<void> {
    const at = local.lastIndexOf("/");
    const [srcFs, srcRemote] = [local.slice(0, at), local.slice(at + 1)];
    const input = { srcFs, srcRemote, dstFs: this.#fs, dstRemote: to };
    const limitMs = CALL_LIMIT_MS + bytes / SLOWEST_BYTES_PER_MS;
    await this.#call("operations/copyfile", "write", name, input, { ...options, limitMs });
  }

  async #rename(from: string, name: string, options: CallOptions): Promise<void> {
    const input = { srcFs: this.#fs, srcRemote: from, dstFs: this.#fs, dstRemote: name };
    await this.#call("operations/movefile", "write", name, input, options);
  }

  /** What is in, or with `recurse` below, the directory that `prefix` begins with. */
  async #listItems(prefix: string, opt: object, options: CallOptions): ReturnType<typeof callRclone> {
    const remote = prefix.slice(0, Math.max(0, prefix.lastIndexOf("/")));
    try {
      const limited = { ...options, limitMs: LIST_LIMIT_MS };
      return await this.#call("operations/list", "list", prefix, { remote, opt }, limited);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      await this.#checkRoot(options);
      // One below it is meant, and the whole answer is lost with that one's.
      if (await this.#isThere(remote, options)) {
        throw new UnavailableError(`Cannot list "${this.#thing(prefix)}": a directory in it was not there`);
      }
      return {};
    }
  }

  /** What cannot be removed now is seen, and removed, by a later listing. */
  async #removeQuietly(name: string): Promise<void> {
    const limited = { limitMs: CLEAN_LIMIT_MS };
    await this.#call("operations/deletefile", "remove", name, { remote: name }, limited).catch(() => {});
  }
}

async function writeLocal(path: string, bytes: Uint8Array, { signal }: CallOptions): Promise<void> {
  try {
    await Deno.writeFile(path, bytes, { createNew: true, mode: 0o600, signal });
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw toStoreError(error, "write", path);
  }
}
