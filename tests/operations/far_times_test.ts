import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { Stat } from "../../src/platform/stat.ts";
import { AT_FDCWD, cString } from "../../src/platform/libc.ts";
import { setTime } from "../../src/platform/write.ts";
import { zip } from "../../src/operations/browse/archive/zip.ts";
import type { Entry } from "../../src/model/entry.ts";
import { canMount, mountTmpfs } from "../fixtures/mount.ts";
import { Machine } from "./machine.ts";

/** Years 3232 before Christ, 5202 and 30828 (the last that Windows knows), and the last of 64 bits. */
const SECONDS = [-102_000_000_000n, 102_000_000_000n, 910_692_730_085n, 2n ** 63n - 1n];
const mayMount = canMount();

function timeOf(path: string): string {
  const stat = new Stat();
  assert.ok(stat.at(AT_FDCWD, cString(path)));
  return stat.mtime;
}

Deno.test({
  name: "a file that was changed in a year of six digits, or long before all files, comes back" +
    (mayMount ? "" : " (skipped: may not mount)"),
  ignore: !mayMount,
  async fn() {
    await using machine = await Machine.make();
    using _mount = mountTmpfs(machine.data);
    for (const seconds of SECONDS) {
      machine.write(`${seconds}`);
      setTime(`${machine.data}/${seconds}`, `${seconds}000000007`);
    }
    const backup = await machine.backUp();
    const { damaged, target } = await machine.restore(backup, { target: `${machine.data}/restored` });
    assert.deepEqual(damaged, []);
    for (const seconds of SECONDS) {
      const path = `${machine.data}/${seconds}`;
      assert.equal(Deno.readTextFileSync(target + path), `${seconds}`);
      assert.equal(timeOf(target + path), timeOf(path));
    }
  },
});

Deno.test("a zip archive has an entry of a year that zip does not know", async () => {
  const entry: Entry = { path: "/a", kind: "directory", mode: 0o755, uid: 0, gid: 0, mtime: `${2n ** 92n}` };
  const members = (async function* () {
    yield { entry, name: "a", contents: undefined };
  })();
  const archive = zip(members as Parameters<typeof zip>[0], () => assert.fail("it is left out"));
  assert.ok((await new Response(archive).bytes()).length > 0);
});
