import { EnvironmentError } from "../base/errors.ts";
import { pathOf } from "../model/path.ts";
import { tryLock } from "../platform/lock.ts";
import { lockPath } from "./control.ts";

/** Makes sure that this is the only daemon on the index: by a lock that ends with the process. Throws `EnvironmentError`. */
export async function beOnlyDaemon(indexPath: string): Promise<Disposable> {
  let lock: Disposable | undefined;
  try {
    Deno.mkdirSync(indexPath.slice(0, indexPath.lastIndexOf("/")) || "/", { recursive: true, mode: 0o700 });
    lock = await tryLock(pathOf(lockPath(indexPath)));
  } catch (cause) {
    throw new EnvironmentError(`Cannot start the daemon: "${lockPath(indexPath)}" cannot be made`, { cause });
  }
  if (lock !== undefined) return lock;
  throw new EnvironmentError(
    `Cannot start the daemon: another one is running on index "${indexPath}"; see vaultik daemon status`,
  );
}
