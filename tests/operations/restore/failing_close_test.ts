import { failing } from "../../fixtures/failing_close.ts";
import "../../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { EnvironmentError } from "../../../src/base/errors.ts";
import { isPortable } from "../../../src/platform/libc.ts";
import { randomBytes } from "../../chunk/random.ts";
import { assertSameTree, Machine } from "../machine.ts";

const FILES: [what: string, name: string, contents: Uint8Array][] = [
  ["of one chunk", "small", randomBytes(1, 1000)],
  ["of one blob", "chunks", randomBytes(2, 500_000)],
  ["of several blobs", "blobs", randomBytes(3, 3_000_000)],
];

for (const [what, name, contents] of FILES) {
  Deno.test({
    name:
      `where only closing a file ${what} says that the disk is full the restore fails, and goes on from there`,
    ignore: isPortable,
    async fn() {
      const machine = await Machine.make({ blobSizeBytes: 1 << 20 });
      await using _ = machine;
      machine.write(name, contents);
      const backup = await machine.backUp();
      const target = `${machine.directory}/target`;
      failing.suffix = `/${name}`;
      await assert.rejects(
        machine.restore(backup, { target }),
        (error) => error instanceof EnvironmentError && /no space left/.test(error.message),
      );
      failing.suffix = "none";
      // What the file system has not kept.
      const restored = `${target}${machine.data}/${name}`;
      const isLeft = [...Deno.readDirSync(target + machine.data)].length > 0;
      const mtime = isLeft ? Deno.statSync(restored).mtime! : undefined;
      assert.notDeepEqual(mtime, Deno.statSync(`${machine.data}/${name}`).mtime);
      await machine.restore(backup, { target });
      await assertSameTree(target + machine.data, machine.data);
    },
  });
}
