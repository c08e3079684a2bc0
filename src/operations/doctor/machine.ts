import { dirname } from "node:path/posix";
import { EnvironmentError, UsageError } from "../../base/errors.ts";
import { hostOf } from "../../read/sealed_keys.ts";
import { loadHostKeys, readHostKeys } from "../host_keys.ts";
import { indexFault } from "../../index/database.ts";
import { parentOf, type Path, pathOf, textOf, typedPath } from "../../model/path.ts";
import { cString, O_PATH } from "../../platform/libc.ts";
import { openNoLinks } from "../../platform/no_links.ts";
import { closeFile, SystemError } from "../../platform/read.ts";
import { compileExcludes, type IsExcluded } from "../../scan/exclude.ts";

export interface MachineCheck {
  readonly what: string;
  readonly isRight: boolean;
  readonly text: string;
}

export interface CheckedRoot {
  readonly path: string;
  readonly exclude: readonly string[];
}

export interface MachineFacts {
  readonly indexPath: string;
  /** What is backed up, and what of that is left out. */
  readonly roots: readonly CheckedRoot[];
  readonly now: Date;
}

/** No build of this program is older. */
const EARLIEST_YEAR = 2025;

/** What a backup needs of this machine. Changes nothing. */
export async function checkMachine({ indexPath, roots, now }: MachineFacts): Promise<MachineCheck[]> {
  const year = now.getUTCFullYear();
  return [
    await checkIndex(indexPath),
    ...await Promise.all(roots.map(checkRoot)),
    {
      what: "clock",
      isRight: year >= EARLIEST_YEAR,
      text: `it is ${now.toISOString()}`,
    },
  ];
}

/**
 * Which host this machine is in the store, by the keys beside the index; `undefined` where there are none. With `make` they are made then:
 * whoever gives this machine its rights must know the host's directory before the first backup.
 */
export function checkHost(
  indexPath: string,
  make: boolean,
): { readonly host: string | undefined; readonly check: MachineCheck } {
  try {
    const known = readHostKeys(indexPath);
    const keys = known ?? (make ? loadHostKeys(indexPath) : undefined);
    if (keys === undefined) {
      const text = "this machine has no keys yet: the first backup makes them";
      return { host: undefined, check: { what: "host", isRight: true, text } };
    }
    const text = known === undefined ? "its keys were made just now" : "its keys are here";
    return { host: hostOf(keys), check: { what: `host ${hostOf(keys)}`, isRight: true, text } };
  } catch (error) {
    if (!(error instanceof EnvironmentError || error instanceof UsageError)) throw error;
    return { host: undefined, check: { what: "host", isRight: false, text: error.message } };
  }
}

/** By making a file beside it, or in the nearest directory above that is there. */
async function checkIndex(path: string): Promise<MachineCheck> {
  const what = `index ${path}`;
  for (let directory = dirname(path);; directory = dirname(directory)) {
    try {
      await Deno.remove(await Deno.makeTempFile({ dir: directory, prefix: ".vaultik-doctor-" }));
      const fault = indexFault(path);
      if (fault === undefined) return { what, isRight: true, text: "can be written" };
      const text = `is damaged (${fault}): the next backup makes a new one and stores everything again; ` +
        "vaultik index rebuild saves the uploads";
      return { what, isRight: false, text };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound && directory !== "/") continue;
      return { what, isRight: false, text: `cannot be written: ${(error as Error).message}` };
    }
  }
}

async function checkRoot({ path: typed, exclude }: CheckedRoot): Promise<MachineCheck> {
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
