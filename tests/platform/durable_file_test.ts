import assert from "node:assert/strict";
import { writeDurably } from "../../src/platform/durable_file.ts";
import { canMount } from "../fixtures/mount.ts";
import { SmallDisk } from "../fixtures/small_disk.ts";
import { inDirectory } from "../scan/walked.ts";

const namesIn = (directory: string) => Array.from(Deno.readDirSync(directory), ({ name }) => name);

Deno.test("writeDurably() makes a private file, and replaces one only where that is asked for", () =>
  inDirectory((directory) => {
    const path = `${directory}/file`;
    writeDurably(path, "one");
    assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
    assert.throws(() => writeDurably(path, "two"), Deno.errors.AlreadyExists);
    assert.equal(Deno.readTextFileSync(path), "one");
    writeDurably(path, "two", { replace: true, mode: 0o644 });
    assert.deepEqual([Deno.readTextFileSync(path), namesIn(directory)], ["two", ["file"]]);
  }));

Deno.test({
  name: "writeDurably() leaves what was there, and nothing else, where the disk is full" +
    (canMount() ? "" : " (skipped: may not mount)"),
  ignore: !canMount(),
  fn: () =>
    inDirectory(async (directory) => {
      await using disk = new SmallDisk(`${directory}/disk`, 1);
      const path = `${disk.directory}/file`;
      writeDurably(path, "one");
      for (const replace of [true, false]) {
        const name = replace ? path : `${path}-new`;
        assert.throws(() => writeDurably(name, "x".repeat(2 << 20), { replace }));
        assert.deepEqual([Deno.readTextFileSync(path), namesIn(disk.directory)], ["one", ["file"]]);
      }
    }),
});
