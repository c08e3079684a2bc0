import assert from "node:assert/strict";
import { NotFoundError } from "../../src/base/errors.ts";
import { isRoot } from "../../src/platform/owners.ts";
import { canMount, mountTmpfs } from "../fixtures/mount.ts";
import { assertSameTree, Machine } from "./machine.ts";

const mayMount = canMount();

/** Backs up, and then looks at changes alone as a daemon does: what is restored must be the same. */
async function backUpTwice(machine: Machine, change: Parameters<Machine["backUp"]>[0]): Promise<string> {
  await machine.backUp(change);
  machine.write("outside/new");
  const changes = { directories: [`${machine.data}/outside`, machine.data], subtrees: [] };
  const second = await machine.backUp({ ...change, changes });
  const { target, damaged } = await machine.restore(second);
  assert.deepEqual([second.scanned, damaged], ["changes", []]);
  return target;
}

Deno.test({
  name: "a path on another file system within another path is backed up with one_file_system as well" +
    (mayMount ? "" : " (skipped: may not mount)"),
  ignore: !mayMount,
  async fn() {
    await using machine = await Machine.make();
    machine.write("outside/a");
    Deno.mkdirSync(`${machine.data}/outer`);
    using _outer = mountTmpfs(`${machine.data}/outer`);
    machine.write("outer/not-wanted");
    machine.write("outer/way/not-wanted");
    for (const name of ["outer/way/inner", "outer/way/other"]) Deno.mkdirSync(`${machine.data}/${name}`);
    using _inner = mountTmpfs(`${machine.data}/outer/way/inner`);
    machine.write("outer/way/inner/deep/file");
    const roots = [machine.data, `${machine.data}/outer/way/inner`];
    const target = await backUpTwice(machine, { roots, oneFileSystem: true });
    const restored = `${target}${machine.data}`;
    assert.equal(Deno.readTextFileSync(`${restored}/outer/way/inner/deep/file`), "outer/way/inner/deep/file");
    for (const [directory, names] of [["outer", ["way"]], ["outer/way", ["inner"]]] as const) {
      assert.deepEqual(Array.from(Deno.readDirSync(`${restored}/${directory}`), ({ name }) => name), names);
    }
  },
});

Deno.test("a path in a directory that is left out is backed up, and nothing else of that directory", async () => {
  await using machine = await Machine.make();
  machine.write("outside/a");
  machine.write("node_modules/mine/file");
  machine.write("node_modules/mine/sub/file");
  machine.write("node_modules/other/file");
  const roots = [machine.data, `${machine.data}/node_modules/mine`];
  const target = await backUpTwice(machine, { roots, exclude: ["node_modules/"] });
  const restored = `${target}${machine.data}/node_modules`;
  assert.deepEqual(Array.from(Deno.readDirSync(restored), ({ name }) => name), ["mine"]);
  await assertSameTree(`${restored}/mine`, `${machine.data}/node_modules/mine`);
});

Deno.test("a path that is a link, or leads through one, brings the link and what it leads to", async () => {
  await using machine = await Machine.make();
  machine.write("real/directory/file");
  machine.write("real/other");
  Deno.symlinkSync("data/real", `${machine.directory}/link`);
  Deno.symlinkSync(`${machine.directory}/link`, `${machine.directory}/again`);
  const roots = [`${machine.directory}/link/other`, `${machine.directory}/again/directory`];
  const backup = await machine.backUp({ roots });
  assert.deepEqual([backup.files, backup.others, backup.incomplete], [2, 2, false]);
  const { target, damaged } = await machine.restore(backup);
  assert.deepEqual(damaged, []);
  const restored = `${target}${machine.directory}`;
  assert.equal(Deno.readTextFileSync(`${restored}/link/other`), "real/other");
  assert.equal(Deno.readLinkSync(`${restored}/again`), `${machine.directory}/link`);
  await assertSameTree(`${restored}/data/real`, `${machine.data}/real`);
  assert.ok(machine.texts("note").some((text) => text.includes(`leads to "${machine.data}/real/directory"`)));
});

Deno.test("a link that leads elsewhere now makes a run of changes a scan of everything", async () => {
  await using machine = await Machine.make();
  machine.write("1/file");
  machine.write("2/file");
  const current = `${machine.directory}/current`;
  Deno.symlinkSync("data/1", current);
  await machine.backUp({ roots: [current] });
  Deno.removeSync(current);
  Deno.symlinkSync("data/2", current);
  const changes = { directories: [], subtrees: [current] };
  const backup = await machine.backUp({ roots: [current], changes });
  assert.deepEqual([backup.scanned, backup.files], ["all", 1]);
  assert.equal(Deno.readTextFileSync(`${(await machine.restore(backup)).data}/2/file`), "2/file");
});

Deno.test({
  name: "a link of another user on the way to a path is not followed" +
    (isRoot() ? "" : " (skipped: not root)"),
  ignore: !isRoot(),
  async fn() {
    await using machine = await Machine.make();
    machine.write("mine");
    machine.write("secret/file");
    Deno.symlinkSync("data/secret", `${machine.directory}/home`);
    await new Deno.Command("chown", { args: ["-h", "1000:1000", `${machine.directory}/home`] }).output();
    const backup = await machine.backUp({
      roots: [`${machine.directory}/home/file`, `${machine.data}/mine`],
    });
    assert.equal(backup.files, 1);
    assert.match(backup.unreadable[0]!.reason, /link of another user/);
  },
});

const EMPTY: [
  what: string,
  prepare: (machine: Machine) => void,
  exclude: string[],
  warning: RegExp | undefined,
][] = [
  ["is empty", () => {}, [], /x" is empty: is what belongs there mounted/],
  ["is excluded", (machine) => machine.write("x/file"), ["/**/x"], /all of it is excluded/],
  [
    "is in a directory that is excluded",
    (machine) => machine.write("x/file"),
    ["/**/data/"],
    /all of it is excl/,
  ],
  ["has an entry", (machine) => machine.write("x/file"), ["*.log"], undefined],
];

for (const [what, prepare, exclude, warning] of EMPTY) {
  Deno.test(`a path that ${what} is ${warning ? "warned of" : "as it should be"}`, async () => {
    await using machine = await Machine.make();
    machine.write("y/file");
    Deno.mkdirSync(`${machine.data}/x`);
    prepare(machine);
    await machine.backUp({ roots: [`${machine.data}/x`, `${machine.data}/y/file`], exclude });
    if (warning === undefined) assert.deepEqual(machine.texts("warning"), []);
    else assert.match(machine.texts("warning").join(), warning);
  });
}

Deno.test("no snapshot is made where none of the paths is there", async () => {
  await using machine = await Machine.make();
  machine.write("a");
  await machine.backUp();
  const before = await machine.objects();
  const roots = [`${machine.directory}/missing`, `${machine.data}/typo`];
  await assert.rejects(machine.backUp({ roots }), (error: Error) => {
    assert.ok(error instanceof NotFoundError);
    assert.match(error.message, /missing": no such file.*typo": no such file/);
    return true;
  });
  assert.deepEqual(await machine.objects(), before);
});

Deno.test("what the kernel makes up is left out and reported, unless it is a path of its own", async () => {
  await using machine = await Machine.make({
    roots: ["/"],
    exclude: ["/*", "!/proc", "/proc/*", "!/proc/version"],
  });
  const outer = await machine.backUp();
  assert.deepEqual([outer.files, outer.incomplete], [0, false]);
  assert.ok(machine.events.some((event) => event.kind === "entry-skipped" && event.path === "/proc"));
  assert.equal((await machine.backUp({ roots: ["/", "/proc"] })).files, 1);
});
