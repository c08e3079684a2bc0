/** `attribute "user.x"`, or `attributes` where not even their names could be read. */
export interface LostXattr {
  readonly what: string;
  readonly reason: string;
}

/** What was special about a file; most files have nothing to tell. */
export interface ReadOutcome {
  /** Index in the batch. */
  readonly file: number;
  /** Why it could not be read; then the rest is meaningless. */
  readonly unreadable?: string;
  /** The file is gone. */
  readonly vanished?: boolean;
  /** Of a stream: how many bytes it had. */
  readonly streamed?: number;
  /** Its stat record when it was opened, where that differs from what the scan saw. */
  readonly stat?: Uint8Array;
  readonly holes?: readonly (readonly [number, number])[];
  readonly xattrs?: readonly (readonly [string, string])[];
  /** Attributes that could not be read, and why. */
  readonly lostXattrs?: readonly LostXattr[];
  /** Bytes that were there to read, where they are not as many as its file system says. */
  readonly length?: number;
  /** It kept changing while it was read. */
  readonly changed?: boolean;
}
