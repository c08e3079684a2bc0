import { errnoName } from "../base/errno.ts";
import { ExistsError } from "../base/errors.ts";
import { isAbsence } from "./file_errors.ts";

/** Gives the file its name unless the name is taken: `link` decides that in one step, which `rename` cannot. */
export async function publishNew(temporary: string, path: string): Promise<void> {
  try {
    await Deno.link(temporary, path);
  } catch (error) {
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(errnoName(error) ?? "")) throw error;
    return await renameNew(temporary, path);
  }
  await Deno.remove(temporary);
}

/** For file systems without hard links (FAT, some network shares): two writers at the same instant both succeed. */
async function renameNew(temporary: string, path: string): Promise<void> {
  const existing = await Deno.lstat(path).catch((error) => {
    if (isAbsence(error)) return undefined;
    throw error;
  });
  if (existing !== undefined) throw new ExistsError(`Cannot write "${path}": it exists`);
  await Deno.rename(temporary, path);
}
