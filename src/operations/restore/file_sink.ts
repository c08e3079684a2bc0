import { EnvironmentError } from "../../base/errors.ts";
import type { Entry } from "../../model/entry.ts";
import { displayPath, type Path } from "../../model/path.ts";
import * as disk from "../../platform/beneath.ts";
import { cString, EDQUOT, EEXIST, EIO, ENOENT, ENOSPC, EROFS, errno } from "../../platform/libc.ts";
import { closeFile, SystemError } from "../../platform/read.ts";
import { S_IFDIR, S_IFREG, Stat } from "../../platform/stat.ts";
import { closeWritten, setSize, writeAt } from "../../platform/write.ts";
import { attempt, FirstNameLostError } from "./attempt.ts";
import { Attributes, type OnNotSet } from "./attributes.ts";
import type { FileRow } from "./file_rows.ts";
import { NewFiles } from "./new_files.ts";
import { OpenDirectories, type Placement, type Spot } from "./open_directories.ts";
import { openAgain, OpenFiles } from "./open_files.ts";
import type { Owners } from "./owners.ts";

/** While it is being filled a directory is the restorer's alone. */
const PRIVATE_DIRECTORY = 0o700;
/** Of what stands in for a link that has entries below it. */
const DIRECTORY_MODE = 0o755;
/** Errors that are not about one file: the target as a whole cannot take more. */
const FATAL = new Set([ENOSPC, EDQUOT, EROFS, EIO]);

export interface SinkOptions {
  /** An open directory. */
  readonly target: number;
  /** Its path, for messages. */
  readonly targetPath: string;
  readonly owners: Owners;
  readonly makesDevices: boolean;
  /** Whether nothing was in the target before, so that this restore has made all directories in it. */
  readonly isAllNew?: boolean;
  /** Whether directories that are missing on the way to an entry are made. */
  readonly makesDirectories: boolean;
  readonly placement: Placement | undefined;
  readonly onNotSet: OnNotSet;
}

/**
 * Writes entries below a target directory, and nothing outside of it: not through a link of a snapshot that someone forged, nor through one
 * that someone on this machine puts in the place of a directory meanwhile. Throws `EnvironmentError` where the target cannot take
 * more, `SystemError` for one entry, and `CorruptionError` for a path that none within a snapshot can be.
 */
export class FileSink {
  readonly directories: OpenDirectories;
  readonly attributes: Attributes;
  readonly #newFiles: NewFiles | undefined;
  readonly #targetPath: string;
  readonly #makesDevices: boolean;
  readonly #open = new OpenFiles();
  readonly #created = new Set<Path>();
  readonly #stat = new Stat();

  constructor(options: SinkOptions) {
    const { target, placement } = options;
    this.directories = new OpenDirectories(target, { makesMissing: options.makesDirectories, placement });
    this.attributes = new Attributes(options.owners, options.onNotSet);
    this.#newFiles = options.isAllNew ? new NewFiles(options.owners) : undefined;
    this.#targetPath = options.targetPath;
    this.#makesDevices = options.makesDevices;
  }

  /** Makes the directory if it is not there; {@link finishDirectory} gives it its attributes. */
  makeDirectory(path: Path): void {
    if (this.directories.isTarget(path)) return;
    this.#guard({ path }, () => {
      const spot = this.directories.spot(path);
      try {
        disk.makeDirectoryIn(spot.directory, spot.name, PRIVATE_DIRECTORY);
      } catch (error) {
        if (!(error instanceof SystemError && error.code === EEXIST && this.#isDirectory(spot))) throw error;
      }
    });
  }

  /** Makes a symlink, FIFO or device with all its attributes; false for a device that is not to be made, or that this user may not make. */
  makeSpecial(entry: Entry): boolean {
    const isDevice = entry.kind === "char_device" || entry.kind === "block_device";
    if (isDevice && !this.#makesDevices) return false;
    let isMade = true;
    this.#guard(entry, () => {
      const spot = this.directories.spot(entry.path);
      const { directory, name } = spot;
      const make = () => disk.makeNodeIn(directory, name, entry.kind as "fifo", entry.device ?? [0, 0]);
      if (entry.kind === "symlink") disk.makeSymlinkIn(directory, name, entry.target!);
      else isMade = this.attributes.try("device", entry, make);
      if (isMade) this.attributes.setNamed(spot, entry);
    });
    return isMade;
  }

  /** Writes a run of the file's bytes, making the file at the first. */
  write(path: Path, offset: number, bytes: Uint8Array): void {
    this.#guard({ path }, () => writeAt(this.#fd(path), bytes as Uint8Array<ArrayBuffer>, offset));
  }

  /** Makes a file that has these bytes. Where that fails, it is not there. */
  writeWhole(file: FileRow, bytes: Uint8Array): void {
    this.#guard(file, () => {
      const { directory, name } = this.directories.spotIn(file.directory, file.name);
      const mode = this.#newFiles?.modeFor(file);
      const fd = disk.createFileIn(directory, name, mode);
      let isOpen = true;
      try {
        writeAt(fd, bytes as Uint8Array<ArrayBuffer>, 0);
        if (mode !== undefined && this.#newFiles!.isRight(file, mode)) this.attributes.setTime(fd, file);
        else {
          const stat = this.#statOf(fd);
          const hadRights = this.attributes.setOpen(fd, stat, file);
          if (mode !== undefined) this.#newFiles!.learn(stat, mode, hadRights);
        }
        isOpen = false;
        closeWritten(fd);
      } catch (error) {
        attempt(file, () => disk.removeFileIn(directory, name));
        throw error;
      } finally {
        if (isOpen) closeFile(fd);
      }
    });
  }

  /** Makes the file with its full size, for writers on several threads. Where that fails, it is not there. */
  allocate(entry: Entry): void {
    this.#orDiscard(entry, () => {
      setSize(this.#fd(entry.path), entry.size!);
      this.#open.close(entry.path);
    });
    this.#created.delete(entry.path);
  }

  /** Makes a file that has no chunks. Where that fails, it is not there. */
  makeEmpty(entry: Entry): void {
    this.#orDiscard(entry, () => this.finishFile(entry));
  }

  #orDiscard(entry: Entry, make: () => void): void {
    try {
      this.#guard(entry, make);
    } catch (error) {
      attempt(entry, () => this.discardFile(entry.path));
      throw error;
    }
  }

  /** The file is there already: it was allocated, perhaps by another thread. */
  adopt(path: Path): void {
    this.#created.add(path);
  }

  /** All of the file's bytes are written. */
  finishFile(entry: Entry): void {
    this.#guard(entry, () => {
      const fd = this.#fd(entry.path);
      const stat = this.#statOf(fd);
      // Of holes and the rest of a longer file nothing is written.
      if (stat.size !== entry.size) setSize(fd, entry.size!);
      this.attributes.setOpen(fd, stat, entry);
      this.#closeFinished(entry.path);
    });
    this.#created.delete(entry.path);
  }

  /** Where it is not all there, its size and time must not say that it is. */
  #closeFinished(path: Path): void {
    try {
      this.#open.close(path);
    } catch (error) {
      const { directory, name } = this.directories.spot(path);
      attempt({ path }, () => disk.removeFileIn(directory, name));
      throw error;
    }
  }

  /** Sets what is right but for its owner, mode, time or extended attributes. */
  setAttributes(entry: Entry): void {
    if (entry.kind === "file") {
      this.adopt(entry.path);
      return this.finishFile(entry);
    }
    this.#guard(entry, () => this.attributes.setNamed(this.directories.spot(entry.path), entry));
  }

  /** Removes a file that cannot be made whole. */
  discardFile(path: Path): void {
    attempt({ path }, () => this.#open.close(path));
    if (!this.#created.delete(path)) return;
    this.#guard({ path }, () => {
      const { directory, name } = this.directories.spot(path);
      disk.removeFileIn(directory, name);
    });
  }

  /** Closes the file between two of its chunks. */
  release(path: Path): void {
    this.#guard({ path }, () => this.#open.close(path));
  }

  link(path: Path, existing: Path): void {
    this.#guard({ path }, () => {
      // The directory of the first stays open while that of the second is looked for: it was used last.
      const from = this.directories.spot(existing);
      const to = this.directories.spot(path);
      try {
        disk.linkIn(to.directory, to.name, from.directory, from.name);
      } catch (error) {
        if (!(error instanceof SystemError && error.code === ENOENT)) throw error;
        throw new FirstNameLostError(existing);
      }
    });
  }

  /** Whether the directory was made, or was there. */
  hasDirectory(path: Path): boolean {
    return this.directories.isTarget(path) || this.directories.has(path);
  }

  /** Gives a directory its attributes; children come before parents. */
  finishDirectory(entry: Entry): void {
    this.#guard(entry, () => {
      const fd = this.#openDirectory(entry.path);
      try {
        const isDirectory = entry.kind === "directory";
        this.attributes.setOpen(
          fd,
          this.#statOf(fd),
          isDirectory ? entry : { ...entry, kind: "directory", mode: DIRECTORY_MODE },
        );
      } finally {
        closeFile(fd);
      }
    });
  }

  /** Nothing is written any more. */
  close(): void {
    this.#open.closeAll();
    this.directories.close();
  }

  /** The target itself for "/". */
  #openDirectory(path: Path): number {
    if (this.directories.isTarget(path)) return this.directories.openTarget();
    const { directory, name } = this.directories.spot(path);
    return disk.openSubdirectoryForReading(directory, name);
  }

  #fd(path: Path): number {
    let fd = this.#open.get(path);
    if (fd !== undefined) return fd;
    const { directory, name } = this.directories.spot(path);
    if (this.#created.has(path)) fd = this.#reopen(directory, name);
    else {
      fd = disk.createFileIn(directory, name);
      this.#created.add(path);
    }
    this.#open.add(path, fd);
    return fd;
  }

  #statOf(fd: number): Stat {
    if (!this.#stat.of(fd)) throw new SystemError(errno());
    return this.#stat;
  }

  /** A file that has another name may be anybody's: a name for it can be put here by whoever may write to the directory. */
  #reopen(directory: number, name: string): number {
    const fd = openAgain(directory, name);
    if (this.#stat.of(fd) && this.#stat.type === S_IFREG && this.#stat.linkCount === 1) return fd;
    closeFile(fd);
    throw new SystemError(EEXIST);
  }

  #isDirectory({ directory, name }: Spot): boolean {
    return this.#stat.at(directory, cString(name)) && this.#stat.type === S_IFDIR;
  }

  #guard(entry: Pick<Entry, "path">, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof SystemError && FATAL.has(error.code))) throw error;
      const what = `"${displayPath(entry.path)}" into "${this.#targetPath}"`;
      throw new EnvironmentError(`Cannot restore ${what}: ${error.message}`, { cause: error });
    }
  }
}
