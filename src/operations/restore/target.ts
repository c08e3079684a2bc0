import { EnvironmentError, UsageError } from "../../base/errors.ts";
import { type Path, pathOf } from "../../model/path.ts";

/** What a new file system has of its own. */
const OF_FILE_SYSTEM = "lost+found";

/** The directory to restore into, made where it is missing. Throws `UsageError` where it is not empty. */
export function prepareTarget(target: string): Path {
  try {
    if (isFile(target)) throw new UsageError(`Cannot restore into "${target}": it is not a directory`);
    Deno.mkdirSync(target, { recursive: true });
    for (const { name } of Deno.readDirSync(target)) {
      if (name !== OF_FILE_SYSTEM) throw new UsageError(`Cannot restore into "${target}": it is not empty`);
    }
    return pathOf(Deno.realPathSync(target));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const reason = (error as Error).message;
    throw new EnvironmentError(`Cannot restore into "${target}": ${reason}`, { cause: error });
  }
}

function isFile(path: string): boolean {
  try {
    return !Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
