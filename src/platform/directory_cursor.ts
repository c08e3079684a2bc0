import { openSubdirectoryForReading } from "./beneath.ts";
import { ESTALE } from "./libc.ts";
import { closeFile, readNames, SystemError } from "./read.ts";
import { Stat } from "./stat.ts";

/**
 * One open directory that goes down into a tree and up again, so that a tree may be deeper than a process may have descriptors. Follows no
 * link. All throw `SystemError`.
 */
export class DirectoryCursor implements Disposable {
  #fd: number;
  /** The directories above, as {@link identityOf} has them. */
  readonly #above: string[] = [];
  readonly #stat = new Stat();

  /** Takes an open directory, which may be read, and closes it. */
  constructor(directory: number) {
    this.#fd = directory;
  }

  /** Valid until the next move. */
  get fd(): number {
    return this.#fd;
  }

  names(): string[] {
    return readNames(this.#fd);
  }

  /** The file system that the directory is on. */
  get fileSystem(): number | undefined {
    return this.#stat.of(this.#fd) ? this.#stat.fileSystem : undefined;
  }

  down(name: string): void {
    const above = this.#identityOf(this.#fd);
    this.#moveTo(openSubdirectoryForReading(this.#fd, name));
    this.#above.push(above);
  }

  /** Back to where {@link down} began. A directory that was moved meanwhile is not followed there: ESTALE. */
  up(): void {
    const parent = openSubdirectoryForReading(this.#fd, "..");
    if (this.#identityOf(parent) !== this.#above.at(-1)) {
      closeFile(parent);
      throw new SystemError(ESTALE);
    }
    this.#above.pop();
    this.#moveTo(parent);
  }

  #moveTo(fd: number): void {
    closeFile(this.#fd);
    this.#fd = fd;
  }

  #identityOf(fd: number): string {
    if (!this.#stat.of(fd)) throw new SystemError(ESTALE);
    return `${this.#stat.fileSystem}:${this.#stat.inode}`;
  }

  [Symbol.dispose](): void {
    closeFile(this.#fd);
  }
}
