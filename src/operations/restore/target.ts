import { EnvironmentError, UsageError } from "../../base/errors.ts";
import { pathOf } from "../../model/path.ts";
import { openRoot, openSubdirectoryForReading } from "../../platform/beneath.ts";
import { AT_FDCWD, c, cString, ELOOP, ENOTDIR } from "../../platform/libc.ts";
import { closeFile, readNames, SystemError } from "../../platform/read.ts";
import { S_IFLNK, Stat } from "../../platform/stat.ts";

/** What a new file system has of its own. */
const OF_FILE_SYSTEM = "lost+found";

/** The directory of a restore. It is looked up once: whoever swaps it for a link later leads nothing elsewhere. */
export class Target implements Disposable {
  /** Of all threads. */
  readonly fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }

  get isEmpty(): boolean {
    const reading = openSubdirectoryForReading(this.fd, ".");
    try {
      return readNames(reading).every((name) => name === OF_FILE_SYSTEM);
    } finally {
      closeFile(reading);
    }
  }

  [Symbol.dispose](): void {
    closeFile(this.fd);
  }
}

/** The directory to restore into, made where it is missing. Throws `UsageError` where it is not empty, `EnvironmentError`. */
export function prepareTarget(path: string): Target {
  const target = openTarget(path);
  try {
    if (target.isEmpty) return target;
  } catch (error) {
    target[Symbol.dispose]();
    throw unusable(path, error);
  }
  target[Symbol.dispose]();
  throw new UsageError(`Cannot restore into "${path}": it is not empty`);
}

function openTarget(path: string): Target {
  try {
    Deno.mkdirSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw unusable(path, error);
  }
  try {
    return new Target(openRoot(pathOf(path), isOwnLink(path)));
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    if (error.code !== ENOTDIR && error.code !== ELOOP) throw unusable(path, error);
    throw new UsageError(`Cannot restore into "${path}": it is not a directory, or a link of another user`);
  }
}

/** A link that its owner may change meanwhile is followed only where that is us, or root. */
function isOwnLink(path: string): boolean {
  const stat = new Stat();
  if (!stat.at(AT_FDCWD, cString(pathOf(path))) || stat.type !== S_IFLNK) return false;
  return stat.uid === 0 || stat.uid === c.geteuid();
}

function unusable(path: string, error: unknown): EnvironmentError {
  const reason = (error as Error).message;
  return new EnvironmentError(`Cannot restore into "${path}": ${reason}`, { cause: error });
}
