import type { Path } from "../../model/path.ts";
import { openFileIn as openForChange } from "../../platform/beneath.ts";
import { cString, EACCES, ETXTBSY } from "../../platform/libc.ts";
import { closeFile, openFileIn, SystemError } from "../../platform/read.ts";
import { closeWritten } from "../../platform/write.ts";

/** Files that are open between two of their chunks. */
const OPEN_FILES = 64;

/** Files that are being written. That something could not be written may show when a file is closed: it is said of that file, later at the latest. */
export class OpenFiles {
  readonly #open = new Map<Path, number>();
  /** What went wrong when files were closed for others. */
  readonly #unsaid = new Map<Path, unknown>();

  /** Throws `SystemError` where what was written before is not there. */
  get(path: Path): number | undefined {
    this.#throwUnsaid(path);
    return this.#open.get(path);
  }

  /** Of many the one that was opened first is closed. */
  add(path: Path, fd: number): void {
    if (this.#open.size >= OPEN_FILES) this.#closeOldest();
    this.#open.set(path, fd);
  }

  /** Throws `SystemError` where what was written is not there. It is closed in any case. */
  close(path: Path): void {
    const fd = this.#open.get(path);
    this.#open.delete(path);
    if (fd !== undefined) closeWritten(fd);
    this.#throwUnsaid(path);
  }

  /** Of which nothing is wanted. */
  closeAll(): void {
    for (const fd of this.#open.values()) closeFile(fd);
    this.#open.clear();
  }

  #closeOldest(): void {
    const path = this.#open.keys().next().value!;
    try {
      this.close(path);
    } catch (error) {
      this.#unsaid.set(path, error);
    }
  }

  #throwUnsaid(path: Path): void {
    const error = this.#unsaid.get(path);
    if (this.#unsaid.delete(path)) throw error;
  }
}

/** A file that is there, for writing, or for its attributes alone where nothing may be written: its owner must not, or it is a program that runs. */
export function openAgain(directory: number, name: string): number {
  try {
    return openForChange(directory, name);
  } catch (error) {
    if (!mustNotBeWritten(error)) throw error;
    return openFileIn(directory, cString(name));
  }
}

/** Whether a file could not be opened for writing because its owner must not write to it, or it is a program that runs. */
export function mustNotBeWritten(error: unknown): boolean {
  return error instanceof SystemError && (error.code === EACCES || error.code === ETXTBSY);
}
