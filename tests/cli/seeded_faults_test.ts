import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { DrilledHost } from "./drilled_host.ts";
import { inDirectory, type RunOptions } from "./in_process.ts";
import { FAULTS } from "./seeded_faults.ts";

Deno.test({
  name: "each seeded fault is found by a drill, by status or by the run itself",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    for (const { fault, seed, command, code, says, clockMs = 0, lacks } of FAULTS) {
      await t.step({
        name: `${fault}: ${command}${lacks === undefined ? "" : ` (needs ${lacks})`}`,
        ignore: lacks !== undefined,
        sanitizeOps: false,
        sanitizeResources: false,
        fn: () =>
          inDirectory(async (directory) => {
            const host = await DrilledHost.make(directory);
            await using _seeded = await seed(host) ?? { async [Symbol.asyncDispose]() {} };
            const argv = command.replace("KEY", `${directory}/key.txt`).replace("DIRECTORY", directory);
            const options: RunOptions = { now: () => new Date(Date.now() + clockMs) };
            const ran = await host.run(argv.split(" "), options);
            const printed = `${ran.stdout}${ran.stderr}`;
            assert.match(printed, says);
            assert.equal(ran.code, code, printed);
          }),
      });
    }
  },
});
