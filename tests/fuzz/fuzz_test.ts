import fc from "fast-check";
import { TARGETS } from "./targets.ts";

/** Always the same inputs: longer searches are `deno task fuzz`. */
const SEED = 20250102;

for (const { name, runs, try: attempt } of TARGETS) {
  Deno.test({
    name: `whatever is written for it, ${name} is read, or refused as documented`,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const details = await attempt({ seed: SEED, numRuns: runs });
      if (details.failed) throw new Error(fc.defaultReportMessage(details), { cause: details.errorInstance });
    },
  });
}
