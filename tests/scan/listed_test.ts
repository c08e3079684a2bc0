import assert from "node:assert/strict";
import { c, cString, isPortable } from "../../src/platform/libc.ts";
import { walk } from "../../src/scan/walk.ts";
import { inDirectory, make, walkAll } from "./walked.ts";

/** Has a call not find the name `missing` so many times, as some file systems do not find what they list. */
function hide(call: "statx" | "openat", missing: string, times = Infinity): Disposable {
  const real = c[call] as (directory: number, name: Uint8Array, ...rest: unknown[]) => number;
  const hidden = cString(missing);
  let left = times;
  const isHidden = (name: Uint8Array) => hidden.every((byte, i) => name[i] === byte) && left-- > 0;
  const hiding: typeof real = (directory, name, ...rest) =>
    real(directory, isHidden(name) ? cString("no such name") : name, ...rest);
  Object.assign(c, { [call]: hiding });
  return { [Symbol.dispose]: () => void Object.assign(c, { [call]: real }) };
}

const namesIn = (directory: string, paths: readonly { readonly path: string }[]) =>
  paths.flatMap(({ path }) => path.startsWith(`${directory}/`) ? [path.slice(directory.length + 1)] : []);

Deno.test({
  name: "walk() tells of an entry that its directory lists and its file system does not find",
  ignore: isPortable,
  fn: () =>
    inDirectory((directory) => {
      make(directory, "a", "b.", "c");
      using _ = hide("statx", "b.");
      const { steps, unreadable } = walkAll([directory]);
      assert.deepEqual(namesIn(directory, steps), ["a", "c"]);
      assert.deepEqual(unreadable, [`${directory}/b.: no such file or directory`]);
    }),
});

Deno.test({
  name: "walk() visits an entry that comes back while it walks",
  ignore: isPortable,
  fn: () =>
    inDirectory((directory) => {
      make(directory, "a", "b");
      using _ = hide("statx", "b", 1);
      const { steps, unreadable } = walkAll([directory]);
      assert.deepEqual([namesIn(directory, steps), unreadable], [["a", "b"], []]);
    }),
});

Deno.test({
  name: "walk() tells of a directory that is there and that its file system does not find when it is opened",
  ignore: isPortable,
  fn: () =>
    inDirectory((directory) => {
      make(directory, "a/file", "b/file");
      using _ = hide("openat", "a");
      const { steps, unreadable } = walkAll([directory]);
      assert.deepEqual(namesIn(directory, steps), ["a", "b", "b/file"]);
      assert.deepEqual(unreadable, [`${directory}/a: no such file or directory`]);
    }),
});

Deno.test("walk() tells of a root that vanishes before it is opened", () =>
  inDirectory((directory) => {
    make(directory, "root/file");
    const root = `${directory}/root`;
    const unreadable: string[] = [];
    const walked = walk([root], {
      isExcluded: () => false,
      oneFileSystem: false,
      excludeCaches: false,
      onUnreadable: (path) => unreadable.push(path),
      onSkipped() {},
    });
    for (const { path } of walked) if (path === root) Deno.removeSync(root, { recursive: true });
    assert.deepEqual(unreadable, [root]);
  }));

/** Has each directory list its names twice, as some file systems do with names of what moves meanwhile. */
function listTwice(): Disposable {
  const { getdents64 } = c;
  const again = new Set<number>();
  c.getdents64 = (directory, ...rest) => {
    const length = getdents64(directory, ...rest);
    if (length !== 0 || again.delete(directory)) return length;
    again.add(directory);
    c.lseek(directory, 0n, 0);
    return getdents64(directory, ...rest);
  };
  return { [Symbol.dispose]: () => void (c.getdents64 = getdents64) };
}

Deno.test({
  name: "walk() visits an entry once that its directory lists twice",
  ignore: isPortable,
  fn: () =>
    inDirectory((directory) => {
      make(directory, "a", "b/x", "b/y");
      using _ = listTwice();
      assert.deepEqual(namesIn(directory, walkAll([directory]).steps), ["a", "b", "b/x", "b/y"]);
    }),
});
