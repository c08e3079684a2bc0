import assert from "node:assert/strict";
import { Machine } from "../machine.ts";

const LARGEST = Number.MAX_SAFE_INTEGER;

/** A directory of a file system that has files of 8 PiB, which are all hole. */
async function hugeFiles(): Promise<string | undefined> {
  try {
    const directory = await Deno.makeTempDir({ dir: "/dev/shm", prefix: "vaultik-huge-" });
    for (const [name, size] of [["largest", LARGEST], ["too-large", 2 ** 53]] as const) {
      await Deno.writeTextFile(`${directory}/${name}`, "");
      // Exact beyond 2^53, which a number is not.
      const { success } = await new Deno.Command("truncate", {
        args: ["-s", String(BigInt(size) + (size > LARGEST ? 1n : 0n)), `${directory}/${name}`],
        stderr: "null",
      }).output();
      if (success) continue;
      await Deno.remove(directory, { recursive: true });
      return undefined;
    }
    return directory;
  } catch {
    return undefined;
  }
}

const directory = await hugeFiles();

Deno.test({
  name: "a file of 2^53 - 1 bytes comes back to the byte, and a larger one is reported, never cut",
  ignore: directory === undefined,
  fn: async () => {
    await using machine = await Machine.make({ roots: [directory!] });
    const backup = await machine.backUp();
    assert.deepEqual(backup.unreadable.map(({ reason }) => reason), ["it is larger than 8 PiB"]);
    const target = await Deno.makeTempDir({ dir: "/dev/shm", prefix: "vaultik-huge-" });
    const { damaged, failed } = await machine.restore(backup, { target });
    assert.deepEqual([damaged, failed], [[], []]);
    const [restored, ...others] = [...Deno.readDirSync(target + directory)].map(({ name }) => name);
    assert.deepEqual([restored, others], ["largest", []]);
    assert.equal((await Deno.stat(`${target}${directory}/largest`)).size, LARGEST);
    await Deno.remove(target, { recursive: true });
    await Deno.remove(directory!, { recursive: true });
  },
});
