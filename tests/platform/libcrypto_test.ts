import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

/** Where the library frees all it has at the end of a process, 1 of 20 crashes. */
const RUNS = 40;

Deno.test("a process ends as it should while its threads use the system's OpenSSL", async () => {
  const script = fileURLToPath(new URL("./end_while_hashing.ts", import.meta.url));
  for (let run = 0; run < RUNS; run++) {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--no-check", script],
      stdout: "null",
    }).output();
    assert.equal(code, 7, new TextDecoder().decode(stderr));
  }
});
