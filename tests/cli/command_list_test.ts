import assert from "node:assert/strict";
import { commandEntries, commandsFor } from "../../src/cli/command_list.ts";
import type { CommandSpec } from "../../src/cli/command.ts";

/** The commands that are loaded for a line. */
async function loadedFor(line: string): Promise<string[]> {
  const { groups, specs } = await commandsFor(line.split(" "));
  const name = ({ usage }: CommandSpec) => usage.split(" ")[0]!;
  return [
    ...groups.flatMap((group) => group.specs.map((spec) => `${group.name} ${name(spec)}`)),
    ...specs.map(name),
  ];
}

Deno.test("a line that names a command loads that command and no other, under the name that it is listed by", async () => {
  const commands = (await commandEntries()).filter(({ path, commands }) =>
    path !== "" && commands.length === 0
  );
  assert.ok(commands.length > 40);
  for (const { path } of commands) assert.deepEqual(await loadedFor(path), [path]);
});

for (
  const [line, loaded] of [
    ["-c restore snapshot create home", ["snapshot create"]],
    ["--config ls snapshot --json create", ["snapshot create"]],
    ["--config=ls -V status", ["status"]],
    ["key", ["key verify", "key kit", "key split", "key join"]],
    ["key help split", ["key verify", "key kit", "key split", "key join"]],
  ] as const
) {
  Deno.test(`vaultik ${line} loads ${loaded.join(", ")}`, async () => {
    assert.deepEqual(await loadedFor(line), loaded);
  });
}

for (const line of ["--help", "help ls", "lss", "-c ls"]) {
  Deno.test(`vaultik ${line} names no command and loads all of them`, async () => {
    const all = (await commandEntries()).filter(({ path, commands }) => path !== "" && commands.length === 0);
    assert.equal((await loadedFor(line)).length, all.length);
  });
}
