import assert from "node:assert/strict";
import { Inotify } from "../../../src/platform/inotify.ts";
import { libc } from "../../../src/platform/libc.ts";
import { area, Watched } from "./watched.ts";

// For a process of its own: the limit is that of all threads.

const limits = libc({ prlimit: { parameters: ["i32", "i32", "buffer", "buffer"], result: "i32" } });
const RLIMIT_NOFILE = 7;

/** Sets how many descriptors this process may have, and gives how many it could. */
function setDescriptors(soft?: bigint): bigint {
  const [before, wanted] = [new BigUint64Array(2), new BigUint64Array(2)];
  assert.equal(limits().prlimit(0, RLIMIT_NOFILE, null, new Uint8Array(before.buffer)), 0);
  wanted.set([soft ?? before[0]!, before[1]!]);
  assert.equal(limits().prlimit(0, RLIMIT_NOFILE, new Uint8Array(wanted.buffer), null), 0);
  return before[0]!;
}

await using watched = new Watched().make("tree/a/b");
const limit = setDescriptors();
let isScarce = true;
/** There are no descriptors left while it watches `tree/a`. */
class Scarce extends Inotify {
  override add(path: string): number {
    if (isScarce && path === watched.path("tree/a")) setDescriptors(0n);
    return super.add(path);
  }
}
try {
  await watched.watch([area({ roots: [watched.path("tree")] })], { inotify: new Scarce() });
  setDescriptors(limit);
  assert.deepEqual((await watched.dirty()).subtrees, ["tree/a"]);
  setDescriptors(limit);
  isScarce = false;
  assert.deepEqual((await watched.dirty()).subtrees, ["tree/a"]);
} finally {
  setDescriptors(limit);
}
assert.deepEqual(await watched.dirty(), { directories: [], subtrees: [], count: 0 });
watched.write("tree/a/b/file");
assert.deepEqual((await watched.dirty()).directories, ["tree/a/b"]);
