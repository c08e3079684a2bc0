import { isPortable } from "../../src/platform/libc.ts";
import assert from "node:assert/strict";
import { FNV_START, hashPath } from "../../src/model/page_cut.ts";
import { parentOf, pathOf, sortKey } from "../../src/model/path.ts";
import { isRoot } from "../../src/platform/owners.ts";
import { closeFile } from "../../src/platform/read.ts";
import { createFile, makeDirectory } from "../../src/platform/write.ts";
import { outermost } from "../../src/scan/roots.ts";
import { walk } from "../../src/scan/walk.ts";
import { inDirectory, make, namesBelow, walkAll } from "./walked.ts";

const runsAsRoot = isRoot();

const byKey = (a: string, b: string) => (sortKey(a) < sortKey(b) ? -1 : 1);

Deno.test("walk() visits a directory, then what is below it, names by their bytes", () =>
  inDirectory((directory) => {
    make(directory, "a/b/c", "a/z", "a b", "a-/x", "a.d/x", "a0", "B", "é", "a\x01");
    assert.deepEqual(
      namesBelow(directory),
      ["B", "a", "a/b", "a/b/c", "a/z", "a\x01", "a b", "a-", "a-/x", "a.d", "a.d/x", "a0", pathOf("é")],
    );
  }));

Deno.test("walk() visits in the order of sortKey()", () =>
  inDirectory((directory) => {
    for (let i = 0; i < 300; i++) make(directory, `${i % 7}/${i % 3}.${i % 5}/${i}`, `${i % 7}-${i}`);
    const paths = walkAll([directory]).steps.map(({ path }) => path);
    assert.deepEqual(paths.toSorted(byKey), paths);
    assert.equal(new Set(paths).size, paths.length);
  }));

Deno.test("walk() visits the directories above a root, but not `/`", () =>
  inDirectory((directory) => {
    make(directory, "a/b/c", "a/other", "other");
    const paths = walkAll([`${directory}/a/b`]).steps.map(({ path }) => path);
    const above = [parentOf(directory), directory, `${directory}/a`];
    assert.deepEqual(paths.slice(-5), [...above, `${directory}/a/b`, `${directory}/a/b/c`]);
    assert.ok(!paths.includes("/"));
  }));

Deno.test("walk() visits a root that is a file", () =>
  inDirectory((directory) => {
    make(directory, "a/file", "a/other");
    const paths = walkAll([`${directory}/a/file`]).steps.map(({ path }) => path);
    assert.deepEqual(paths.slice(-2), [`${directory}/a`, `${directory}/a/file`]);
  }));

Deno.test("walk() visits each path once where roots are nested, given twice or side by side", () =>
  inDirectory((directory) => {
    make(directory, "a/x/1", "a/x/2", "a/y", "a-b/z", "c");
    const roots = ["a/x", "c", "a", "a-b", "a"].map((name) => `${directory}/${name}`);
    const paths = walkAll(roots).steps.map(({ path }) => path);
    assert.deepEqual(paths.toSorted(byKey), paths);
    assert.equal(new Set(paths).size, paths.length);
    const names = paths.filter((path) => path.startsWith(directory + "/"))
      .map((path) => path.slice(directory.length + 1));
    assert.deepEqual(names, ["a", "a/x", "a/x/1", "a/x/2", "a/y", "a-b", "a-b/z", "c"]);
  }));

Deno.test("outermost() drops what is within others, and sorts", () => {
  assert.deepEqual(outermost(["/b", "/a/b", "/a", "/a-b", "/a"]), ["/a", "/a-b", "/b"]);
  assert.deepEqual(outermost(["/a", "/", "/b"]), ["/"]);
  assert.deepEqual(outermost([]), []);
});

Deno.test("walk() tells of a root that is not there, and goes on with the others", () =>
  inDirectory((directory) => {
    make(directory, "there/file");
    const { steps, unreadable } = walkAll([`${directory}/missing`, `${directory}/there`]);
    assert.deepEqual(unreadable, [`${directory}/missing: no such file or directory`]);
    assert.equal(steps.at(-1)!.path, `${directory}/there/file`);
  }));

Deno.test("walk() does not follow symbolic links", () =>
  inDirectory((directory) => {
    make(directory, "a/file");
    Deno.symlinkSync("a", `${directory}/to-a`);
    Deno.symlinkSync(".", `${directory}/a/loop`);
    assert.deepEqual(namesBelow(directory), ["a", "a/file", "a/loop", "to-a"]);
  }));

Deno.test("walk() gives name, place of the name and hash that fit the path", () =>
  inDirectory((directory) => {
    make(directory, "a/b/c", "d");
    for (const { path, name, parentLength, hash } of walkAll([directory]).steps) {
      assert.equal(hash, hashPath(FNV_START, path), path);
      const isFirst = parentLength === 0;
      assert.equal(name, isFirst ? path : path.slice(path.lastIndexOf("/") + 1));
      if (!isFirst) assert.equal(parentLength, path.lastIndexOf("/"));
    }
  }));

Deno.test(
  "walk() visits names that are not UTF-8, files and directories",
  { ignore: isPortable },
  () =>
    inDirectory((directory) => {
      for (const name of ["dir-\xe9", "dir-\xe9/\xff"]) makeDirectory(`${directory}/${name}`, 0o700);
      closeFile(createFile(`${directory}/dir-\xe9/\xff/cut-\xe2\x82`));
      assert.deepEqual(namesBelow(directory), ["dir-\xe9", "dir-\xe9/\xff", "dir-\xe9/\xff/cut-\xe2\x82"]);
    }),
);

Deno.test("walk() visits many thousands of names in one directory", () =>
  inDirectory((directory) => {
    const names = Array.from({ length: 6000 }, (_, i) => `a-rather-long-name-of-a-file-in-a-crowd-${i}`);
    make(directory, ...names);
    assert.deepEqual(namesBelow(directory), names.sort());
  }));

Deno.test("walk() visits a tree of 300 levels, with files on the way back up", () =>
  inDirectory((directory) => {
    let path = directory;
    for (let level = 0; level < 300; level++) {
      path += "/d";
      Deno.mkdirSync(path);
      Deno.writeTextFileSync(`${path}/z`, "");
    }
    const names = namesBelow(directory);
    assert.equal(names.length, 600);
    assert.equal(names[299], "d/".repeat(300).slice(0, -1));
    assert.equal(names[300], "d/".repeat(300) + "z");
    assert.equal(names.at(-1), "d/z");
  }));

/** Where a link leads; `undefined` for one that is gone. */
function linkOf(path: string): string | undefined {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return undefined;
  }
}

Deno.test("walk() leaves no file open, also when it is left early", () =>
  inDirectory((directory) => {
    make(directory, "a/b/c/d/e", "f");
    // Other tests of this process have files open too, but none of this directory.
    const isHere = ({ name }: Deno.DirEntry) => linkOf(`/proc/self/fd/${name}`)?.startsWith(directory);
    const open = () => [...Deno.readDirSync("/proc/self/fd")].filter(isHere).length;
    const held = Deno.openSync(directory);
    assert.equal(open(), 1);
    held.close();
    for (let i = 0; i < 3; i++) {
      const options = {
        isExcluded: () => false,
        oneFileSystem: false,
        excludeCaches: false,
        onUnreadable() {},
        onSkipped() {},
      };
      for (const { path } of walk([directory], options)) if (path.endsWith("/d")) break;
    }
    assert.equal(open(), 0);
  }));

Deno.test({
  name: "walk() tells of a directory that may not be read, visits the directory itself, and goes on" +
    (runsAsRoot ? " (skipped: root may read everything)" : ""),
  ignore: runsAsRoot,
  fn: () =>
    inDirectory((directory) => {
      make(directory, "a/secret/file", "a/z");
      Deno.chmodSync(`${directory}/a/secret`, 0);
      const { steps, unreadable } = walkAll([directory]);
      Deno.chmodSync(`${directory}/a/secret`, 0o700);
      assert.deepEqual(unreadable, [`${directory}/a/secret: permission denied`]);
      assert.equal(steps.at(-1)!.path, `${directory}/a/z`);
      assert.equal(steps.at(-2)!.path, `${directory}/a/secret`);
    }),
});

Deno.test("walk() leaves out what vanishes while it walks, without a word", () =>
  inDirectory((directory) => {
    make(directory, "a/file", "b/c/file", "d");
    const unreadable: string[] = [];
    const seen: string[] = [];
    const options = { isExcluded: () => false, oneFileSystem: false, excludeCaches: false };
    for (
      const { path } of walk([directory], {
        ...options,
        onUnreadable: (path) => unreadable.push(path),
        onSkipped() {},
      })
    ) {
      seen.push(path.slice(directory.length + 1));
      if (path === `${directory}/a`) Deno.removeSync(`${directory}/b`, { recursive: true });
      if (path === `${directory}/a/file`) Deno.removeSync(`${directory}/d`);
    }
    assert.deepEqual(seen.slice(-2), ["a", "a/file"]);
    assert.deepEqual(unreadable, []);
  }));

const TAG = "Signature: 8a477f597d28d172789f06886806bc55";
const TAGS: [what: string, contents: string, isCache: boolean][] = [
  ["a valid tag", TAG, true],
  ["a valid tag and more", TAG + "\n# a cache\n", true],
  ["a tag that is cut short", TAG.slice(0, -1), false],
  ["an empty tag", "", false],
  ["another text", "x".repeat(100), false],
];

for (const [what, contents, isCache] of TAGS) {
  Deno.test(`walk() ${isCache ? "leaves out" : "visits"} what is in a directory with ${what}`, () =>
    inDirectory((directory) => {
      make(directory, "cache/sub/x", "cache/a", "z");
      Deno.writeTextFileSync(`${directory}/cache/CACHEDIR.TAG`, contents);
      const all = ["cache", "cache/CACHEDIR.TAG", "cache/a", "cache/sub", "cache/sub/x", "z"];
      const kept = isCache ? ["cache", "cache/CACHEDIR.TAG", "z"] : all;
      assert.deepEqual(namesBelow(directory, { excludeCaches: true }), kept);
      assert.deepEqual(namesBelow(directory), all);
    }));
}

const canMount = runsAsRoot && await tryMount();

Deno.test({
  name: "walk() with oneFileSystem visits where another file system is mounted, and nothing of it" +
    (canMount ? "" : " (skipped: may not mount)"),
  ignore: !canMount,
  fn: () =>
    inDirectory(async (directory) => {
      make(directory, "a/mounted/", "a/z");
      await mount("mount", "-t", "tmpfs", "tmpfs", `${directory}/a/mounted`);
      try {
        make(directory, "a/mounted/inside");
        assert.deepEqual(namesBelow(directory, { oneFileSystem: true }), ["a", "a/mounted", "a/z"]);
        assert.deepEqual(namesBelow(directory), ["a", "a/mounted", "a/mounted/inside", "a/z"]);
        const root = `${directory}/a/mounted`;
        assert.deepEqual(namesBelow(root, { oneFileSystem: true }), ["inside"], "a root may be on any");
      } finally {
        await mount("umount", `${directory}/a/mounted`);
      }
    }),
});

async function mount(program: string, ...args: string[]): Promise<void> {
  const { success } = await new Deno.Command(program, { args, stderr: "null" }).output();
  if (!success) throw new Error(`${program} failed`);
}

async function tryMount(): Promise<boolean> {
  try {
    await inDirectory(async (directory) => {
      await mount("mount", "-t", "tmpfs", "tmpfs", directory);
      await mount("umount", directory);
    });
    return true;
  } catch {
    return false;
  }
}
