import { dirname } from "node:path/posix";
import { indexFault } from "../../index/database.ts";
import { type CheckedRoot, checkRoot, type MachineCheck } from "./root_check.ts";

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
