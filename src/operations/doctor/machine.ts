import { dirname } from "node:path/posix";

export interface MachineCheck {
  readonly what: string;
  readonly isRight: boolean;
  readonly text: string;
}

export interface MachineFacts {
  readonly indexPath: string;
  /** What is backed up. */
  readonly roots: readonly string[];
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

/** By making a file beside it, or in the nearest directory above that is there. */
async function checkIndex(path: string): Promise<MachineCheck> {
  const what = `index ${path}`;
  for (let directory = dirname(path);; directory = dirname(directory)) {
    try {
      await Deno.remove(await Deno.makeTempFile({ dir: directory, prefix: ".vaultik-doctor-" }));
      return { what, isRight: true, text: "can be written" };
    } catch (error) {
      if (error instanceof Deno.errors.NotFound && directory !== "/") continue;
      return { what, isRight: false, text: `cannot be written: ${(error as Error).message}` };
    }
  }
}

async function checkRoot(path: string): Promise<MachineCheck> {
  const what = `path ${path}`;
  try {
    const { isDirectory } = await Deno.lstat(path);
    if (isDirectory) await Deno.readDir(path)[Symbol.asyncIterator]().next();
    return { what, isRight: true, text: "can be read" };
  } catch (error) {
    return { what, isRight: false, text: `cannot be read: ${(error as Error).message}` };
  }
}
