import "../../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { planRestore } from "../../../src/operations/restore/plan.ts";
import { readBack } from "../../../src/operations/restore/read_back.ts";
import type { RestoreOptions } from "../../../src/operations/restore/options.ts";
import { randomBytes } from "../../chunk/random.ts";
import { assertSameTree, KEYS, Machine } from "../machine.ts";

/** Names below a directory, sorted. */
function namesIn(directory: string, below = ""): string[] {
  return [...Deno.readDirSync(directory + below)].flatMap(({ name, isDirectory }) => {
    const path = `${below}/${name}`;
    return isDirectory ? [path, ...namesIn(directory, path)] : [path];
  }).sort();
}

async function backedUp() {
  const machine = await Machine.make();
  for (const name of ["a.conf", "a.txt", "d/b.conf", "d/e/c.conf", "f/g.txt", "keep/x"]) machine.write(name);
  return { machine, backup: await machine.backUp() };
}

const PATTERNS: [what: string, options: Partial<RestoreOptions>, names: string[]][] = [
  ["--include *.conf", { include: ["*.conf"] }, ["/a.conf", "/d", "/d/b.conf", "/d/e", "/d/e/c.conf"]],
  ["--include d/", { include: ["d/"] }, ["/d", "/d/b.conf", "/d/e", "/d/e/c.conf"]],
  ["--exclude d", { exclude: ["d"] }, ["/a.conf", "/a.txt", "/f", "/f/g.txt", "/keep", "/keep/x"]],
  ["--include *.conf --exclude e", { include: ["*.conf"], exclude: ["e"] }, ["/a.conf", "/d", "/d/b.conf"]],
];

for (const [what, options, names] of PATTERNS) {
  Deno.test(`restore ${what} restores what it should, and directories on the way as they were`, async () => {
    const { machine, backup } = await backedUp();
    await using _ = machine;
    Deno.chmodSync(`${machine.data}/d`, 0o750);
    const { data, damaged, failed } = await machine.restore(await machine.backUp(), options);
    assert.ok(backup);
    assert.deepEqual([damaged, failed, namesIn(data)], [[], [], names]);
    if (names.includes("/d")) assert.equal(Deno.statSync(`${data}/d`).mode! & 0o7777, 0o750);
  });
}

Deno.test("--as gives a path another place below the target, / the target itself", async () => {
  const { machine, backup } = await backedUp();
  await using _ = machine;
  const paths = [`${machine.data}/d`];
  const { target: elsewhere } = await machine.restore(backup, { paths, as: "/other/place" });
  await assertSameTree(`${elsewhere}/other/place`, paths[0]!);
  const { target: itself } = await machine.restore(backup, { paths, as: "/" });
  await assertSameTree(itself, paths[0]!);
  const { target: file } = await machine.restore(backup, { paths: [`${machine.data}/a.txt`], as: "/" });
  assert.deepEqual(namesIn(file), ["/a.txt"]);
});

Deno.test("--no-owner and --owner-map say whose the entries are", { ignore: Deno.uid() !== 0 }, async () => {
  const { machine } = await backedUp();
  await using _ = machine;
  Deno.chownSync(`${machine.data}/a.txt`, 1234, 2345);
  const backup = await machine.backUp();
  const owner = ({ data }: { readonly data: string }) => {
    const { uid, gid } = Deno.statSync(`${data}/a.txt`);
    return [uid, gid];
  };
  assert.deepEqual(owner(await machine.restore(backup)), [1234, 2345]);
  assert.deepEqual(owner(await machine.restore(backup, { noOwner: true })), [0, 0]);
  const ownerMap = { users: new Map([[1234, 7]]), groups: new Map([[2345, 8]]) };
  assert.deepEqual(owner(await machine.restore(backup, { ownerMap })), [7, 8]);
});

Deno.test("--no-special makes no program that runs as its owner", async () => {
  const { machine } = await backedUp();
  await using _ = machine;
  Deno.chmodSync(`${machine.data}/a.txt`, 0o4755);
  const backup = await machine.backUp();
  const mode = ({ data }: { readonly data: string }) => Deno.statSync(`${data}/a.txt`).mode! & 0o7777;
  assert.equal(mode(await machine.restore(backup)), 0o4755);
  assert.equal(mode(await machine.restore(backup, { noSpecial: true })), 0o755);
});

Deno.test("reading back finds what was changed since, also in large files with holes, and nothing else", async () => {
  await using machine = await Machine.make({ chunkSizeBytes: 1 << 10 });
  machine.write("small");
  machine.write("listed", randomBytes(1, 1_700_000));
  using sparse = Deno.createSync(`${machine.data}/sparse`);
  sparse.truncateSync(1 << 20);
  sparse.writeSync(new Uint8Array(5000).fill(1));
  const backup = await machine.backUp();
  const { target, data } = await machine.restore(backup);
  const options = { snapshotId: backup.id, target, paths: [], identities: [KEYS.identity], writers: 1 };
  assert.deepEqual(await readBack(machine.tools(), options), { differing: [], unread: [] });
  for (const name of ["small", "listed"]) {
    using file = Deno.openSync(`${data}/${name}`, { write: true });
    file.writeSync(new TextEncoder().encode("X"));
  }
  const { differing } = await readBack(machine.tools(), options);
  assert.deepEqual(differing.map(({ path }) => path).sort(), [
    `${machine.data}/listed`,
    `${machine.data}/small`,
  ]);
});

Deno.test("reading back tells of what it could not compare", async () => {
  const { machine, backup } = await backedUp();
  await using _ = machine;
  const { target, data } = await machine.restore(backup);
  Deno.removeSync(`${data}/a.txt`);
  Deno.mkdirSync(`${data}/a.txt`);
  const options = { snapshotId: backup.id, target, paths: [], identities: [KEYS.identity], writers: 1 };
  const { differing, unread } = await readBack(machine.tools(), options);
  assert.deepEqual([differing, unread.map(({ path }) => path)], [[], [`${machine.data}/a.txt`]]);
  assert.match(unread[0]!.reason, /cannot be compared: is a directory/);
});

for (
  const [what, choose] of [
    ["everything", () => ({})],
    ["a path", (data: string) => ({ paths: [`${data}/many`] })],
    ["a pattern", () => ({ include: ["*-file-2"] })],
    ["a path that goes elsewhere", (data: string) => ({ paths: [`${data}/many`], as: "/elsewhere" })],
  ] as [string, (data: string) => Partial<RestoreOptions>][]
) {
  Deno.test(`a dry run of ${what} counts what the run counts`, async () => {
    await using machine = await Machine.make();
    machine.writePages(2);
    machine.write("d/file", randomBytes(3, 200_000));
    const backup = await machine.backUp();
    const options = { paths: [], target: `${machine.directory}/planned`, ...choose(machine.data) };
    const plan = await planRestore(machine.tools(), {
      ...options,
      snapshotId: backup.id,
      identities: [KEYS.identity],
      writers: 1,
    });
    const done = await machine.restore(backup, options);
    assert.deepEqual(
      [plan.files, plan.directories, plan.others, plan.bytes, plan.objectsRead + plan.objects],
      [done.files, done.directories, done.others, done.bytes, done.objectsRead],
    );
  });
}

for (const options of [{}, { as: "/" }]) {
  Deno.test(`of names whose file has its first one elsewhere a dry run says what is so, and reading back finds nothing: ${JSON.stringify(options)}`, async () => {
    const machine = await Machine.make();
    await using _ = machine;
    machine.write("above/first", "contents");
    for (const name of ["b/d-e", "b/d/e"]) {
      machine.write(`${name}.beside`);
      Deno.linkSync(`${machine.data}/above/first`, `${machine.data}/${name}`);
    }
    const backup = await machine.backUp();
    const asked = { paths: [`${machine.data}/b`], target: `${machine.directory}/target`, ...options };
    const dryRun = async () => {
      const { changes, damaged, failed } = await machine.restore(backup, {
        ...asked,
        overwrite: "always",
        dryRun: true,
      });
      assert.deepEqual([damaged, failed], [[], []]);
      return changes.filter(({ path }) => /d[-/]e$/.test(path)).map(({ path, what }) =>
        `${what} ${path.slice(-3)}`
      );
    };
    Deno.mkdirSync(asked.target);
    assert.deepEqual(await dryRun(), ["new d/e", "new d-e"].toSorted());
    await machine.restore(backup, asked);
    assert.deepEqual(await dryRun(), []);
    const back = { snapshotId: backup.id, identities: [KEYS.identity], writers: 1, ...asked };
    assert.deepEqual(await readBack(machine.tools(), back), { differing: [], unread: [] });
    const restored = asked.target + ("as" in options ? "" : asked.paths[0]);
    Deno.writeTextFileSync(`${restored}/d/e`, "Contents");
    const { differing } = await readBack(machine.tools(), back);
    assert.deepEqual(differing.map(({ path }) => path.slice(-3)), ["d-e"]);
  });
}
