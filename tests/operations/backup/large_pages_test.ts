import "../../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { endsPage, FNV_START, hashPath } from "../../../src/model/page_cut.ts";
import { attributes, isPortable } from "../../../src/platform/libc.ts";
import { Machine } from "../machine.ts";

const FILES = 1_000;
const ATTRIBUTE_BYTES = 60_000;

/** Has each file have an attribute of the largest size, nearly. */
function withLargeAttributes(): Disposable {
  const calls = attributes();
  const real = { ...calls };
  Object.assign(calls, {
    flistxattr: (_: number, into: Uint8Array) => new TextEncoder().encodeInto("user.stream\0", into).written,
    fgetxattr: (_: number, __: unknown, into: Uint8Array) =>
      into.fill(7, 0, ATTRIBUTE_BYTES) && ATTRIBUTE_BYTES,
  });
  return { [Symbol.dispose]: () => void Object.assign(calls, real) };
}

/** Writes files of which none ends a page; their names. */
function writeFiles(machine: Machine): string[] {
  const names: string[] = [];
  for (let i = 0; names.length < FILES; i++) {
    if (endsPage(hashPath(FNV_START, `${machine.data}/${i}`))) continue;
    machine.write(`${i}`);
    names.push(`${i}`);
  }
  return names;
}

Deno.test({
  name:
    "files with so large attributes that all of them together would be no page that a reader takes come back",
  ignore: isPortable,
  async fn() {
    await using machine = await Machine.make();
    const [first, gone, changed] = writeFiles(machine) as [string, string, string];
    {
      using _ = withLargeAttributes();
      await machine.backUp();
    }
    Deno.removeSync(`${machine.data}/${gone}`);
    machine.write(changed, "changed");
    const all = await machine.backUp();
    assert.deepEqual([all.files, all.filesRead], [FILES - 1, 1]);
    assert.ok(all.pages >= 5);
    machine.write(changed, "changed again");
    const part = await machine.backUp({ changes: { directories: [machine.data], subtrees: [] } });
    assert.deepEqual([part.files, part.filesRead, part.pagesNew, part.scanned], [FILES - 1, 1, 1, "changes"]);
    assert.deepEqual((await machine.verify([all, part])).problems, []);
    const { data, damaged, files } = await machine.restore(part);
    assert.deepEqual([damaged, files], [[], FILES - 1]);
    assert.equal(Deno.readTextFileSync(`${data}/${changed}`), "changed again");
    assert.equal(Deno.readTextFileSync(`${data}/${first}`), first);
  },
});
