import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readCached } from "../../src/platform/cached_file.ts";
import { isPortable } from "../../src/platform/libc.ts";

const BYTES = randomBytes(300_000);

Deno.test({
  name: "readCached() gives any part of a file that is in memory, also to shared memory",
  ignore: isPortable,
  fn: async () => {
    await withFile((path) => {
      for (
        const [from, to] of [[0, 1], [0, BYTES.length], [4095, 70_001], [BYTES.length - 1, BYTES.length]]
      ) {
        for (const memory of [new ArrayBuffer(to! - from!), new SharedArrayBuffer(to! - from!)]) {
          const into = new Uint8Array(memory);
          assert.equal(readCached(path, from!, into), true);
          assert.deepEqual(new Uint8Array(into), new Uint8Array(BYTES.subarray(from, to)));
        }
      }
    });
  },
});

Deno.test("readCached() gives nothing of what ends before, is no file, or is not there", async () => {
  await withFile((path) => {
    assert.equal(readCached(path, BYTES.length - 9, new Uint8Array(10)), false);
    assert.equal(readCached(path, BYTES.length, new Uint8Array(1)), false);
    assert.equal(readCached(path.slice(0, path.lastIndexOf("/")), 0, new Uint8Array(1)), false);
    assert.equal(readCached(`${path}-`, 0, new Uint8Array(1)), false);
    assert.equal(readCached("/dev/stdin", 0, new Uint8Array(0)), false);
  });
});

/** A file with a name that is not ASCII. */
async function withFile(work: (path: string) => void): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "vaultik-cached-" });
  try {
    const path = `${directory}/später`;
    await Deno.writeFile(path, BYTES);
    work(path);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
