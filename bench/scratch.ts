import { resolve } from "node:path";

/** Does `work` in a directory of its own in `parent`, which is removed in the end, whatever comes of it. */
export async function inScratch(
  parent: string,
  name: string,
  work: (directory: string) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir({ dir: resolve(parent), prefix: `vaultik-${name}-` });
  try {
    await work(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
