import { parentOf, type Path, pathOf, textOf, typedPath } from "../../model/path.ts";
import { cString, O_PATH } from "../../platform/libc.ts";
import { openNoLinks } from "../../platform/no_links.ts";
import { closeFile, SystemError } from "../../platform/read.ts";
import { compileExcludes, type IsExcluded } from "../../scan/exclude.ts";

/** What was looked at, and what came of it. */
export interface MachineCheck {
  readonly what: string;
  readonly isRight: boolean;
  readonly text: string;
}

export interface CheckedRoot {
  readonly path: string;
  readonly exclude: readonly string[];
}

/** Whether a path can be read, and is not left out. */
export async function checkRoot({ path: typed, exclude }: CheckedRoot): Promise<MachineCheck> {
  const what = `path ${typed}`;
  const path = textOf(typedPath(typed));
  if (path === undefined) return checkBytes(what, typedPath(typed), compileExcludes(exclude));
  try {
    const { isDirectory } = await Deno.stat(path);
    if (isDirectory && isLeftOut(pathOf(path), compileExcludes(exclude))) {
      return { what, isRight: false, text: "is excluded: nothing in it is backed up" };
    }
    if (isDirectory) await Deno.readDir(path)[Symbol.asyncIterator]().next();
    const place = await Deno.realPath(path);
    const text = place === path ? "can be read" : `leads to ${place}, which can be read`;
    return { what, isRight: true, text };
  } catch (error) {
    return { what, isRight: false, text: `cannot be read: ${(error as Error).message}` };
  }
}

/** Of a path that is not UTF-8, which Deno cannot open. */
function checkBytes(what: string, path: Path, isExcluded: IsExcluded): MachineCheck {
  try {
    closeFile(openNoLinks(cString(path), O_PATH));
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return { what, isRight: false, text: `cannot be read: ${error.message}` };
  }
  if (isLeftOut(path, isExcluded)) {
    return { what, isRight: false, text: "is excluded: nothing in it is backed up" };
  }
  return { what, isRight: true, text: "can be read" };
}

/** Whether the directory, or one above it, is excluded. */
function isLeftOut(path: Path, isExcluded: IsExcluded): boolean {
  for (let at = path; at !== "/"; at = parentOf(at)) if (isExcluded(at, true)) return true;
  return false;
}
