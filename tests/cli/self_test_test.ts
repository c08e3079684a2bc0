import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { changeSampleTree, makeSampleTree } from "../../src/cli/sample_tree.ts";
import { firstDifference } from "../../src/operations/compare_trees.ts";
import { inDirectory, vaultik } from "./in_process.ts";

Deno.test({
  name: "self-test backs up, restores and compares, says what it checked, and leaves nothing",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inDirectory(async (directory) => {
      const { code, stdout, stderr } = await vaultik(["self-test", "--directory", directory]);
      assert.equal(code, 0, stdout + stderr);
      assert.equal(stdout.match(/^ {2}ok {6}\S/gm)?.length, 7, stdout);
      assert.match(stdout, /every byte are the same\n(.*\n)*Passed/);
      assert.deepEqual([...Deno.readDirSync(directory)], []);
    }),
});

Deno.test("self-test where it can make no directory is an error of this machine", () =>
  inDirectory(async (directory) => {
    const { code, stderr } = await vaultik(["self-test", "--directory", `${directory}/missing`]);
    assert.equal(code, 1);
    assert.match(stderr, /Cannot make a directory in ".*missing"/);
  }));

const CHANGES: readonly { readonly what: string; readonly change: (tree: string) => Promise<unknown> }[] = [
  { what: "a byte", change: (tree) => Deno.writeTextFile(`${tree}/private/script`, "#!/bin/SH\n") },
  { what: "a mode", change: (tree) => Deno.chmod(`${tree}/private/script`, 0o644) },
  { what: "a time", change: (tree) => Deno.utime(`${tree}/private/script`, 1, 2) },
  { what: "a name", change: (tree) => Deno.rename(`${tree}/empty`, `${tree}/Empty`) },
  {
    what: "the target of a link",
    change: async (tree) => {
      await Deno.remove(`${tree}/link`);
      await Deno.symlink("other.txt", `${tree}/link`);
    },
  },
  { what: "a hard link", change: (tree) => Deno.link(`${tree}/large`, `${tree}/private/large`) },
  { what: "what a day of work does", change: changeSampleTree },
];

for (const { what, change } of CHANGES) {
  Deno.test(`a comparison of trees finds a difference in ${what}`, () =>
    inDirectory(async (directory) => {
      const [one, other] = [`${directory}/one`, `${directory}/other`];
      await makeSampleTree(one);
      const copied = await new Deno.Command("cp", { args: ["-a", one, other] }).output();
      assert.ok(copied.success);
      assert.equal((await firstDifference(one, other)).difference, undefined);
      await change(other);
      assert.notEqual((await firstDifference(one, other)).difference, undefined);
    }));
}
