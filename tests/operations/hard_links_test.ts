import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { randomBytes } from "../chunk/random.ts";
import { assertSameTree, Machine } from "./machine.ts";

/** A machine with one file under two names, `a/x` and `m/y`, and other files. */
async function withLink(contents: string | Uint8Array = "contents"): Promise<Machine> {
  const machine = await Machine.make();
  machine.write("a/x", contents);
  machine.write("m/other");
  machine.write("z/other");
  Deno.linkSync(`${machine.data}/a/x`, `${machine.data}/m/y`);
  return machine;
}

const inode = (path: string) => Deno.lstatSync(path).ino;

Deno.test("names of one file are one file again, also many pages apart", async () => {
  await using machine = await withLink(randomBytes(1, 200_000));
  machine.writePages(4);
  for (const name of ["many/2-file-0-again", "zz"]) {
    Deno.linkSync(`${machine.data}/a/x`, `${machine.data}/${name}`);
  }
  const backup = await machine.backUp();
  assert.ok(backup.pages >= 4);
  assert.ok(backup.bytesRead < 201_000, "the file is read once");
  await assertSameTree((await machine.restore(backup)).data, machine.data);
  const again = await machine.backUp();
  assert.equal(again.filesRead, 0);
  assert.deepEqual((await machine.verify(again)).problems, []);
});

type Change = (data: string) => void;

const NAMES: [what: string, change: Change][] = [
  ["first-removed", (data) => Deno.removeSync(`${data}/a/x`)],
  ["other-removed", (data) => Deno.removeSync(`${data}/m/y`)],
  ["first-moves-behind-other", (data) => Deno.renameSync(`${data}/a/x`, `${data}/z/x`)],
  ["other-moves-before-first", (data) => Deno.renameSync(`${data}/m/y`, `${data}/a/a`)],
  ["new-name-before-first", (data) => Deno.linkSync(`${data}/m/y`, `${data}/a/a`)],
  ["new-name-behind-all", (data) => Deno.linkSync(`${data}/m/y`, `${data}/z/z`)],
  ["contents-change", (data) => Deno.writeTextFileSync(`${data}/m/y`, "others")],
  ["first-becomes-another-file", (data) => {
    Deno.removeSync(`${data}/a/x`);
    Deno.writeTextFileSync(`${data}/a/x`, "another");
  }],
];

const DIRECTORIES: [what: string, change: Change][] = [
  ["that-of-first-moves-behind-other", (data) => Deno.renameSync(`${data}/a`, `${data}/zz`)],
  ["that-of-first-moves-and-still-is-before", (data) => Deno.renameSync(`${data}/a`, `${data}/b`)],
  ["that-of-other-moves-before-first", (data) => Deno.renameSync(`${data}/m`, `${data}/A`)],
  ["that-of-other-moves-and-still-is-behind", (data) => Deno.renameSync(`${data}/m`, `${data}/n`)],
];

for (
  const [what, changes] of [["a name of it comes or goes", NAMES], [
    "a directory moves",
    DIRECTORIES,
  ]] as const
) {
  Deno.test(`a file of two names comes back from the second backup when ${what}`, async () => {
    await using machine = await Machine.make();
    for (const [what] of changes) {
      for (const name of ["a/x", "m/other", "z/other"]) machine.write(`${what}/${name}`);
      Deno.linkSync(`${machine.data}/${what}/a/x`, `${machine.data}/${what}/m/y`);
    }
    await machine.backUp();
    for (const [what, change] of changes) change(`${machine.data}/${what}`);
    const restored = await machine.restore(await machine.backUp());
    assert.deepEqual(restored.damaged, []);
    await assertSameTree(restored.data, machine.data);
  });
}

Deno.test("a file comes back by its other name when the first is excluded now", async () => {
  await using machine = await withLink();
  await machine.backUp();
  const second = await machine.backUp({ exclude: ["/**/data/a"] });
  const restored = await machine.restore(second);
  assert.deepEqual(restored.damaged, []);
  assert.equal(Deno.readTextFileSync(`${restored.data}/m/y`), "contents");
  const third = await machine.backUp();
  await assertSameTree((await machine.restore(third)).data, machine.data);
});

Deno.test("a file comes back by its other name when the first is in what is a cache directory now", async () => {
  await using machine = await withLink();
  await machine.backUp({ excludeCaches: true });
  machine.write("a/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55");
  const second = await machine.backUp({ excludeCaches: true });
  const restored = await machine.restore(second);
  assert.deepEqual(restored.damaged, []);
  assert.equal(Deno.readTextFileSync(`${restored.data}/m/y`), "contents");
});

Deno.test("restore() of one path gives the contents to a name of which the first is elsewhere", async () => {
  await using machine = await withLink(randomBytes(1, 100_000));
  Deno.linkSync(`${machine.data}/a/x`, `${machine.data}/m/z`);
  const backup = await machine.backUp();
  const { data, damaged, files } = await machine.restore(backup, { paths: [`${machine.data}/m`] });
  assert.deepEqual([damaged, files], [[], 3]);
  await assertSameTree(`${data}/m`, `${machine.data}/m`);
  assert.equal(inode(`${data}/m/y`), inode(`${data}/m/z`));
  assert.deepEqual(Array.from(Deno.readDirSync(data), ({ name }) => name), ["m"]);
  const one = await machine.restore(backup, { paths: [`${machine.data}/m/z`] });
  assert.deepEqual(Deno.readFileSync(`${one.data}/m/z`), randomBytes(1, 100_000));
});

Deno.test("names of one empty file and of one link are kept", async () => {
  await using machine = await withLink("");
  Deno.symlinkSync("nowhere", `${machine.data}/a/link`);
  const backup = await machine.backUp();
  const restored = await machine.restore(backup);
  await assertSameTree(restored.data, machine.data);
  assert.equal(inode(`${restored.data}/a/x`), inode(`${restored.data}/m/y`));
});
