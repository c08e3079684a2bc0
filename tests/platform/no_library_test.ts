import assert from "node:assert/strict";

const LIBC = new URL("../../src/platform/libc.ts", import.meta.url);
const STAT = new URL("../../src/platform/stat.ts", import.meta.url);
const COMMANDS = new URL("../../src/cli/command_list.ts", import.meta.url);

/** What a program prints to which the system's libraries are closed, as if it had none that it knows. */
async function printedWithoutLibraries(program: string): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--deny-ffi",
      "--no-prompt",
      "--no-check",
      "--quiet",
      "--config",
      "deno.json",
      `data:application/typescript,${encodeURIComponent(program)}`,
    ],
    cwd: new URL("../..", import.meta.url),
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("where no C library can be opened all of the program loads, and the portable calls are chosen", async () => {
  const printed = await printedWithoutLibraries(`
    import { isPortable, AT_FDCWD, cString } from "${LIBC}";
    import { Stat } from "${STAT}";
    import { commandEntries } from "${COMMANDS}";
    await commandEntries();
    console.log(isPortable, new Stat().at(AT_FDCWD, cString("/")));
  `);
  assert.equal(printed, "true true\n");
});
