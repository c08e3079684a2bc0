import assert from "node:assert/strict";
import { faultOf } from "../../src/model/entry_fault.ts";
import { attributes, isPortable } from "../../src/platform/libc.ts";
import { readFileXattrs } from "../../src/platform/xattrs.ts";

/** Has each file list these attributes, of which each has its name for a value. */
function listing(names: string): Disposable {
  const calls = attributes();
  const real = { ...calls };
  const put = (bytes: Uint8Array, into: Uint8Array) => {
    into.set(bytes);
    return bytes.length;
  };
  Object.assign(calls, {
    flistxattr: (_: number, into: Uint8Array) => put(new TextEncoder().encode(names), into),
    fgetxattr: (_: number, name: Uint8Array, into: Uint8Array) =>
      put(name.subarray(0, name.indexOf(0)), into),
  });
  return { [Symbol.dispose]: () => void Object.assign(calls, real) };
}

Deno.test({
  name:
    "an attribute that a file system lists twice, or without a name, makes no entry that a restore refuses",
  ignore: isPortable,
  fn() {
    using _ = listing("user.b\0user.a\0\0user.b\0");
    const xattrs = readFileXattrs(0, (what) => assert.fail(what));
    assert.deepEqual(xattrs, [["user.a", btoa("user.a")], ["user.b", btoa("user.b")]]);
    const entry = { path: "/a", kind: "fifo", mode: 0, uid: 0, gid: 0, mtime: "1", xattrs } as const;
    assert.equal(faultOf(entry), undefined);
  },
});
