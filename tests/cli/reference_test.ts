import assert from "node:assert/strict";
import { referencePages } from "../../release/reference.ts";
import { atLeast } from "../../src/base/at_least.ts";

for (const [path, text] of await referencePages()) {
  Deno.test(`${path} says what the program does (deno task reference makes it)`, () => {
    const found = Deno.readTextFileSync(new URL(`../../${path}`, import.meta.url));
    assert.ok(found === text, `${path} is out of date: deno task reference`);
    assert.ok(text.split("\n").length > 60);
  });
}

Deno.test("the reference has every command, and keys within keys", async () => {
  const [commands, configuration] = atLeast(2, [...(await referencePages()).values()]);
  for (const name of ["snapshot create", "restore", "self-test"]) {
    assert.match(commands, new RegExp(`^## vaultik ${name}$`, "m"));
  }
  for (const key of ["s3.region", "snapshots.NAME.paths", "retention.keep_daily"]) {
    assert.ok(configuration.includes(`| \`${key}\` |`), key);
  }
});
