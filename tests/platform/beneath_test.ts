import assert from "node:assert/strict";
import { openBeneath, openRoot, openSubdirectory } from "../../src/platform/beneath.ts";
import { isPortable } from "../../src/platform/libc.ts";
import { closeFile, SystemError } from "../../src/platform/read.ts";

const WAYS_OUT: [what: string, path: string][] = [
  ["a link out of it at the front", "out/below"],
  ["a link out of it on the way", "a/out/below"],
  ["a link out of it at the end", "a/out"],
  ["a link that stays in it", "inner/b"],
  ["a link that stays in it, at the end", "inner"],
  ["names that lead out of it", "a/../../outside/below"],
  ["a path from the top", "/"],
];

Deno.test({
  name: "a directory some levels below another one is opened without a link or a way out of it, in one call",
  // There is no such call without system calls of our own.
  ignore: isPortable,
  async fn(test) {
    const directory = await Deno.makeTempDir();
    await Deno.mkdir(`${directory}/outside/below`, { recursive: true });
    await Deno.mkdir(`${directory}/root/a/b`, { recursive: true });
    await Deno.symlink("../outside", `${directory}/root/out`);
    await Deno.symlink(`${directory}/outside`, `${directory}/root/a/out`);
    await Deno.symlink("a", `${directory}/root/inner`);
    const root = openRoot(`${directory}/root`, false);
    try {
      const opened = openBeneath(root, "a/b");
      // `undefined`: this kernel does not have the call, and each name is opened by itself.
      if (opened !== undefined) closeFile(opened);
      for (const [what, path] of WAYS_OUT) {
        await test.step({
          name: what,
          ignore: opened === undefined,
          fn: () => void assert.throws(() => openBeneath(root, path), SystemError),
        });
      }
      await test.step("a name by itself that is a link", () => {
        assert.throws(() => openSubdirectory(root, "out"), SystemError);
        assert.throws(() => openSubdirectory(root, "inner"), SystemError);
      });
    } finally {
      closeFile(root);
      await Deno.remove(directory, { recursive: true });
    }
  },
});
