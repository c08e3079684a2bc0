import type { FileStoreOptions } from "./file.ts";
import type { RcloneStoreOptions } from "./rclone.ts";
import type { ObjectStore } from "./store.ts";

/**
 * A kind of store of which an address says everything, as `rclone://REMOTE/PATH` does. It describes itself, so another one is a file with
 * a backend in it and a line in backends.ts.
 */
export interface Backend<Kind extends string, Place extends object> {
  /** Also what addresses begin with. */
  readonly kind: Kind;
  /** An address, with words in capitals for what differs. */
  readonly form: string;
  /** What else holds for an address, after {@link form} in a message; may be empty. */
  readonly rule: string;
  /** For reports: holds no name of the user's. */
  readonly title: string;
  /** Calls at a time, where the configuration does not say. */
  readonly connections: number;

  /** The place after `kind://`; `undefined` where there is no such place. */
  parse(rest: string): Place | undefined;

  /** The address, as {@link parse} takes it: for messages, and to be typed again. */
  address(place: Place): string;

  /** The directory of this machine where the store is, if it is one: it is not backed up into itself, and has no speed to limit. */
  directory?(place: Place): string;

  /** Opens the store, which neither counts requests nor keeps to limits. Throws `UsageError` where it is not there. */
  open(place: Place, options: BackendOptions): Promise<ObjectStore>;
}

export type BackendOptions = FileStoreOptions & RcloneStoreOptions;

/** `path`, as {@link decoded} takes it. */
export function encoded(path: string): string {
  return path.replaceAll("%", "%25");
}

/** What `%41` and the like stand for; `undefined` where a `%` stands for nothing. */
export function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
