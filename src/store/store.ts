/** So many objects at most are removed by one request. */
export const REMOVED_AT_ONCE = 1_000;

/** Bytes `offset` to `offset + length` of an object; both in bytes, `length` at least 1. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface GetOptions extends CallOptions {
  /** Only these bytes. */
  readonly range?: ByteRange;
  /** Where the bytes of `range`, as many as it has, are put, and what is returned then; may be in shared memory. After a failure it holds anything. */
  readonly into?: Uint8Array;
  /** A whole object of more bytes is a `CorruptionError`, and is not fetched: whoever wrote it decides nothing about our memory. */
  readonly maxBytes?: number;
}

export interface PutOptions extends CallOptions {
  /** Lower-case hex SHA-256 of `bytes` where the caller has it; stores that can, make the server check it. */
  readonly sha256?: string;
  /** Refuse to replace an object by other bytes (`ExistsError`), where the store can; otherwise replaced. */
  readonly createOnly?: boolean;
}

export interface ObjectInfo {
  readonly name: string;
  readonly size: number;
  /** When the store took the object, by the store's own clock. */
  readonly modified: Date;
  /** Where the store tells it: `STANDARD_IA`, `DEEP_ARCHIVE` … */
  readonly storageClass?: string;
}

/** What a store was seen to do so far, beyond storing, reading and listing. */
export interface StoreAbilities {
  /** Whether it refuses to replace an object in one step. Where it does not, or did not yet, `said` is what it answered. */
  readonly conditionalWrites: { readonly seen: "yes" | "no" | "unknown"; readonly said?: string };
  /** What it takes beside the bytes of an object, to check them and to keep. */
  readonly checksum: "sha256" | "crc32" | "md5" | "none";
  /** What it answered to a better checksum. */
  readonly checksumSeen?: string;
  /** By which version of the listing it is asked. */
  readonly listing: "v2" | "v1";
  /** Whether it removes many objects by one request. Where it does not, `said` is what it answered. */
  readonly manyRemovals: { readonly seen: "yes" | "no" | "unknown"; readonly said?: string };
  /** The region that it sent us to, where that is not the one of the configuration. */
  readonly region?: string;
}

/** An object that is still there, and why. */
export interface NotRemoved {
  readonly name: string;
  readonly error: Error;
}

/**
 * Where sealed bytes live: a directory, S3, a remote of rclone, memory.
 *
 * Objects are written once and named by their content, so every store promises:
 *  - `put` is all or nothing, and repeating it changes nothing;
 *  - once `put` resolves the object is durable, and `get`, `size` and `list` see it;
 *  - "not there" is only said when the store could look: what the credentials may not do throws `RefusedError`, another
 *    mistake `UsageError`;
 *  - what may pass by itself throws `UnavailableError`; `signal` ends a call with its reason.
 *
 * Names are `/`-separated segments of `[A-Za-z0-9._:=@+-]`, no empty segment, no `.` or `..`.
 */
export interface ObjectStore extends AsyncDisposable {
  /** For messages; holds no secret: `s3://bucket/prefix`, `file:///var/backup`. */
  readonly location: string;

  /** How many calls at a time are worth making: more wait for each other. Default: 1. */
  readonly connections?: number;

  /** Where stores of one kind differ in what they can. */
  readonly abilities?: StoreAbilities;

  /** Does not keep `bytes`, which may be in shared memory, after it settles; the caller may reuse the buffer. */
  put(name: string, bytes: Uint8Array, options?: PutOptions): Promise<void>;

  /** The object, or exactly `range` of it. Throws `NotFoundError`, and `CorruptionError` when it ends before `range` does. */
  get(name: string, options?: GetOptions): Promise<Uint8Array>;

  /** Bytes in the object, or `undefined` when there is none. */
  size(name: string, options?: CallOptions): Promise<number | undefined>;

  /** Objects whose name starts with `prefix`, in name order, each once. What is written meanwhile may or may not appear. */
  list(prefix: string, options?: CallOptions): AsyncIterable<ObjectInfo>;

  /**
   * Names of the folders directly in the folder `prefix`, which ends with `/`, in order, each once. Where it is missing, `foldersIn` looks through a
   * listing of all that is in them.
   */
  folders?(prefix: string, options?: CallOptions): Promise<string[]>;

  /** Removing what is not there succeeds. Throws `LockedError` where a lock forbids it. */
  remove(name: string, options?: CallOptions): Promise<void>;

  /**
   * Removes up to {@link REMOVED_AT_ONCE} objects by one request, in any order, and gives those that are still there. `undefined` where this
   * store cannot: then any of them may be there. Callers use `removeObjects()`.
   */
  removeMany?(
    names: readonly string[],
    options?: CallOptions,
  ): Promise<readonly NotRemoved[] | undefined>;

  /** Where objects are locked when they are stored. */
  readonly locks?: ObjectLocks;

  /** Where objects may be in cold storage; reading one throws `ArchivedError`. */
  readonly cold?: ColdStorage;

  /**
   * The SHA-256, lower-case hex, that the store itself has of an object's bytes; `undefined` where it has none, or no such object. A
   * store without the method would have to read the object.
   */
  statedSha256?(name: string, options?: CallOptions): Promise<string | undefined>;
}

/** `warm`: it can be read now; `warming`: it was asked back and is not here yet. */
export type Temperature = "cold" | "warming" | "warm";

export interface AskBackOptions extends CallOptions {
  readonly speed: "bulk" | "standard" | "expedited";
  /** For how long it can be read then. */
  readonly days: number;
}

export interface ColdStorage {
  temperature(name: string, options?: CallOptions): Promise<Temperature>;

  /** Resolves when the store knows that the object is wanted; asking again changes nothing. */
  askBack(name: string, options: AskBackOptions): Promise<void>;
}

/** Objects that no one can remove before a time. */
export interface ObjectLocks {
  /** Until when what is stored, or renewed, at `now` is locked. */
  end(now: Date): Date;

  /** Until when all that a snapshot of `now` needs has to be locked; sooner than `end`, so that few renewals do. */
  needed(now: Date): Date;

  /** Locks an object until `until`, never for less than before. */
  renew(name: string, until: Date, options?: CallOptions): Promise<void>;

  /** Until when an object is locked; `undefined` where it is not, or the credentials may not know. */
  until?(name: string, options?: CallOptions): Promise<Date | undefined>;
}

/** What a listing of `store` says of the object `name`; `undefined` where it does not have it. */
export async function listedInfo(
  store: ObjectStore,
  name: string,
  options?: CallOptions,
): Promise<ObjectInfo | undefined> {
  for await (const info of store.list(name, options)) if (info.name === name) return info;
  return undefined;
}

/** Names of the folders directly in the folder `prefix` of `store`, in order. */
export async function foldersIn(
  store: ObjectStore,
  prefix: string,
  options?: CallOptions,
): Promise<string[]> {
  if (store.folders !== undefined) return await store.folders(prefix, options);
  const folders = new Set<string>();
  for await (const { name } of store.list(prefix, options)) {
    const end = name.indexOf("/", prefix.length);
    if (end >= 0) folders.add(name.slice(prefix.length, end));
  }
  return [...folders].sort();
}
