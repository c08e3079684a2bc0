import "../../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { NotFoundError, UsageError } from "../../../src/base/errors.ts";
import { namedErrors } from "../../../src/model/snapshot.ts";
import { planDeletions } from "../../../src/operations/restore/deletions.ts";
import { UnreadPaths } from "../../../src/operations/restore/unread_paths.ts";
import { MemoryStore } from "../../../src/store/memory.ts";
import { randomBytes } from "../../chunk/random.ts";
import { isThere } from "../../fixtures/is_there.ts";
import { assertSameTree, KEYS, Machine } from "../machine.ts";

const MIB = 1 << 20;
/** A file that not even root can read: the kernel takes writes to it only. */
const WRITE_ONLY = "/sys/bus/platform/drivers_probe";

/** A machine with all kinds of entries, backed up and restored to a target that tests then change. */
async function restored() {
  const machine = await Machine.make({}, new MemoryStore());
  machine.write("same");
  machine.write("edited", "before");
  machine.write("touched");
  machine.write("grown");
  machine.write("removed");
  machine.write("link-in-its-place");
  machine.write("d/inner");
  machine.write("linked");
  machine.write("large", randomBytes(1, 3 * MIB));
  Deno.linkSync(`${machine.data}/linked`, `${machine.data}/other-name`);
  Deno.symlinkSync("same", `${machine.data}/link`);
  const backup = await machine.backUp();
  const { target, data } = await machine.restore(backup);
  return { machine, backup, target, data };
}

/** Makes one change of each kind. */
function change(data: string): void {
  Deno.writeTextFileSync(`${data}/edited`, "behind");
  Deno.writeTextFileSync(`${data}/touched`, "touched");
  Deno.writeTextFileSync(`${data}/grown`, "grown and more");
  Deno.removeSync(`${data}/removed`);
  Deno.removeSync(`${data}/link-in-its-place`);
  Deno.symlinkSync("same", `${data}/link-in-its-place`);
  Deno.removeSync(`${data}/link`);
  Deno.symlinkSync("elsewhere", `${data}/link`);
  Deno.removeSync(`${data}/other-name`);
  Deno.writeTextFileSync(`${data}/other-name`, "another file");
  Deno.chmodSync(`${data}/d`, 0o700);
  using file = Deno.openSync(`${data}/large`, { write: true });
  file.seekSync(MIB, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(100));
}

Deno.test("a target that is not empty is refused, unless it is said what may be replaced", async () => {
  const { machine, backup, target } = await restored();
  await using _ = machine;
  await assert.rejects(
    machine.restore(backup, { target }),
    (error) => error instanceof UsageError && /not empty.*--overwrite/.test(error.message),
  );
});

for (const overwrite of ["always", "if-changed"] as const) {
  Deno.test(`--overwrite ${overwrite} makes everything as it was, and leaves alone what is not in the snapshot`, async () => {
    const { machine, backup, target, data } = await restored();
    await using _ = machine;
    change(data);
    Deno.writeTextFileSync(`${data}/mine`, "mine");
    const { damaged, failed } = await machine.restore(backup, { target, overwrite });
    assert.deepEqual([damaged, failed], [[], []]);
    assert.equal(Deno.readTextFileSync(`${data}/mine`), "mine");
    Deno.removeSync(`${data}/mine`);
    Deno.utimeSync(data, 0, Deno.statSync(machine.data).mtime!);
    await assertSameTree(`${data}/d`, `${machine.data}/d`);
    for (const name of ["edited", "touched", "grown", "removed", "link-in-its-place", "large"]) {
      assert.deepEqual(
        Deno.readFileSync(`${data}/${name}`),
        Deno.readFileSync(`${machine.data}/${name}`),
        name,
      );
      assert.equal(Deno.lstatSync(`${data}/${name}`).isSymlink, false, name);
    }
    assert.equal(Deno.readLinkSync(`${data}/link`), "same");
    assert.equal(Deno.statSync(`${data}/linked`).ino, Deno.statSync(`${data}/other-name`).ino);
  });
}

Deno.test("what is there as it was is not fetched; of a large file only what differs", async () => {
  const { machine, backup, target, data } = await restored();
  await using _ = machine;
  const unchanged = await machine.restore(backup, { target, overwrite: "if-changed" });
  assert.equal(unchanged.bytes, 0);
  const none = unchanged.bytesDownloaded;
  using file = Deno.openSync(`${data}/large`, { write: true });
  file.writeSync(new Uint8Array([1, 2, 3]));
  const { bytesDownloaded, bytes } = await machine.restore(backup, { target, overwrite: "if-changed" });
  assert.ok(bytes < 300_000, `${bytes} bytes written`);
  assert.ok(bytesDownloaded - none < 1.5 * MIB, `${bytesDownloaded - none} bytes`);
  assert.deepEqual(Deno.readFileSync(`${data}/large`), Deno.readFileSync(`${machine.data}/large`));
});

Deno.test("--overwrite never restores what is missing, and changes nothing else", async () => {
  const { machine, backup, target, data } = await restored();
  await using _ = machine;
  change(data);
  await machine.restore(backup, { target, overwrite: "never" });
  assert.equal(Deno.readTextFileSync(`${data}/removed`), "removed");
  assert.equal(Deno.readTextFileSync(`${data}/edited`), "behind");
  assert.equal(Deno.readTextFileSync(`${data}/other-name`), "another file");
  assert.equal(Deno.readLinkSync(`${data}/link`), "elsewhere");
});

Deno.test("--overwrite if-newer replaces what is older than the snapshot, and nothing newer", async () => {
  const { machine, backup, target, data } = await restored();
  await using _ = machine;
  Deno.writeTextFileSync(`${data}/edited`, "newer!");
  Deno.writeTextFileSync(`${data}/grown`, "older");
  Deno.utimeSync(`${data}/grown`, 5, 5);
  await machine.restore(backup, { target, overwrite: "if-newer" });
  assert.equal(Deno.readTextFileSync(`${data}/edited`), "newer!");
  assert.equal(Deno.readTextFileSync(`${data}/grown`), "grown");
});

Deno.test("a file whose name is that of something else outside the target is not changed by way of it", async () => {
  const { machine, backup, target, data } = await restored();
  await using _ = machine;
  const outside = `${machine.directory}/outside`;
  Deno.writeTextFileSync(outside, "outside");
  Deno.removeSync(`${data}/edited`);
  Deno.linkSync(outside, `${data}/edited`);
  await machine.restore(backup, { target, overwrite: "always" });
  assert.equal(Deno.readTextFileSync(outside), "outside");
  assert.equal(Deno.readTextFileSync(`${data}/edited`), "before");
});

Deno.test("a directory in the place of a file is kept, and said", async () => {
  const { machine, backup, target, data } = await restored();
  await using _ = machine;
  Deno.removeSync(`${data}/edited`);
  Deno.mkdirSync(`${data}/edited`);
  Deno.writeTextFileSync(`${data}/edited/mine`, "mine");
  const { failed, damaged } = await machine.restore(backup, { target, overwrite: "always" });
  assert.deepEqual([failed.map(({ path }) => path), damaged], [[`${machine.data}/edited`], []]);
  assert.equal(Deno.readTextFileSync(`${data}/edited/mine`), "mine");
});

Deno.test("a dry run says what would be changed, and changes nothing", async () => {
  const { machine, backup, target, data } = await restored();
  await using _ = machine;
  change(data);
  const { changes, bytes } = await machine.restore(backup, { target, overwrite: "if-changed", dryRun: true });
  const found = Object.fromEntries(
    changes.map(({ path, what }) => [path.slice(machine.data.length + 1), what]),
  );
  const wanted = {
    edited: "contents",
    touched: "attributes",
    grown: "contents",
    removed: "new",
    "link-in-its-place": "replaced",
    link: "replaced",
    "other-name": "replaced",
    d: "attributes",
    large: "contents",
    "": "attributes",
  };
  assert.deepEqual(found, wanted);
  assert.equal(bytes, 0);
  assert.equal(Deno.readTextFileSync(`${data}/edited`), "behind");
  assert.throws(() => Deno.lstatSync(`${data}/removed`), Deno.errors.NotFound);
});

for (const overwrite of ["always", "if-changed"] as const) {
  Deno.test(`a dry run with --overwrite ${overwrite} lists no file where nothing was changed`, async () => {
    const { machine, backup, target } = await restored();
    await using _ = machine;
    const { changes } = await machine.restore(backup, { target, overwrite, dryRun: true });
    assert.deepEqual(changes.filter(({ path }) => path.startsWith(`${machine.data}/`)), []);
  });
}

Deno.test("a path that is restored over what is there leaves the directories above it as they are, and makes those that lack", async () => {
  await using machine = await Machine.make();
  for (const name of ["there/d/file", "gone/d/file"]) machine.write(name);
  const backup = await machine.backUp();
  const { target, data } = await machine.restore(backup);
  Deno.removeSync(`${data}/gone`, { recursive: true });
  Deno.writeTextFileSync(`${data}/there/d/file`, "changed");
  Deno.chmodSync(`${data}/there`, 0o700);
  Deno.utimeSync(`${data}/there`, 1, 1);
  const paths = ["there", "gone"].map((name) => `${machine.data}/${name}/d/file`);
  const options = { target, paths, overwrite: "if-changed" } as const;
  const { changes } = await machine.restore(backup, { ...options, dryRun: true });
  assert.ok(!changes.some(({ path }) => path === `${machine.data}/there`));
  await machine.restore(backup, options);
  const { mode, mtime } = Deno.statSync(`${data}/there`);
  assert.deepEqual([mode! & 0o7777, mtime], [0o700, new Date(1000)]);
  await assertSameTree(`${data}/gone`, `${machine.data}/gone`);
  await assertSameTree(`${data}/there/d`, `${machine.data}/there/d`);
});

Deno.test("a dry run into what is not there makes nothing", async () => {
  const { machine, backup } = await restored();
  await using _ = machine;
  const target = `${machine.directory}/empty`;
  Deno.mkdirSync(target);
  const { changes } = await machine.restore(backup, { target, dryRun: true });
  assert.ok(changes.length > 10 && changes.every(({ what }) => what === "new"));
  assert.deepEqual([...Deno.readDirSync(target)], []);
});

Deno.test("what the snapshot does not have is planned for deletion below the restored paths, and then deleted", async () => {
  const { machine, backup, target, data } = await restored();
  await using _ = machine;
  const outside = `${machine.directory}/outside`;
  Deno.mkdirSync(outside);
  Deno.writeTextFileSync(`${outside}/kept`, "kept");
  Deno.writeTextFileSync(`${target}/beside`, "beside");
  Deno.writeTextFileSync(`${data}/extra`, "extra");
  Deno.mkdirSync(`${data}/d/new/deep`, { recursive: true });
  Deno.writeTextFileSync(`${data}/d/new/deep/file`, "file");
  Deno.symlinkSync(outside, `${data}/d/new/link`);
  Deno.removeSync(`${data}/edited`);
  Deno.mkdirSync(`${data}/edited`);
  const options = { target, overwrite: "if-changed", paths: [machine.data] } as const;
  const plan = (paths: string[]) =>
    planDeletions([{
      tools: machine.tools(),
      options: { ...options, snapshotId: backup.id, identities: [KEYS.identity], writers: 1, paths },
    }]);
  const deletions = await plan([machine.data]);
  assert.deepEqual(deletions, ["/d/new", "/edited", "/extra"].map((path) => machine.data + path));
  assert.deepEqual(await plan([`${machine.data}/d`]), [`${machine.data}/d/new`]);
  assert.ok((await plan([])).includes("/beside"));
  assert.ok(Deno.lstatSync(`${data}/extra`), "planning deletes nothing");
  const { deleted, failed } = await machine.restore(backup, { ...options, deletions });
  assert.deepEqual([deleted, failed], [3, []]);
  await assertSameTree(data, machine.data);
  assert.equal(Deno.readTextFileSync(`${outside}/kept`), "kept");
  assert.equal(Deno.readTextFileSync(`${target}/beside`), "beside");
});

Deno.test("nothing is planned for deletion where a page of the snapshot is lost", async () => {
  const { machine, backup, target } = await restored();
  await using _ = machine;
  for (const name of await machine.objects("pages/")) await machine.store.remove(name);
  const options = { snapshotId: backup.id, target, paths: [], identities: [KEYS.identity], writers: 1 };
  await assert.rejects(planDeletions([{ tools: machine.tools(), options }]), NotFoundError);
});

Deno.test("a link in the place of a directory above what is restored is left alone, and said", async () => {
  const { machine, backup, target, data } = await restored();
  await using _ = machine;
  const elsewhere = `${machine.directory}/elsewhere`;
  Deno.renameSync(`${data}/d`, elsewhere);
  Deno.symlinkSync(elsewhere, `${data}/d`);
  for (const dryRun of [true, false]) {
    const options = { target, overwrite: "always", paths: [`${machine.data}/d/inner`], dryRun } as const;
    const { failed, damaged } = await machine.restore(backup, options);
    assert.equal(failed[0]!.path, `${machine.data}/d`);
    assert.deepEqual(damaged, []);
  }
  assert.equal(Deno.readLinkSync(`${data}/d`), elsewhere);
  await machine.restore(backup, { target, overwrite: "always", paths: [`${machine.data}/d`] });
  assert.equal(Deno.lstatSync(`${data}/d`).isDirectory, true, "it was asked for itself");
});

Deno.test({
  name: "what could not be read when the snapshot was made is not planned for deletion",
  ignore: !isThere(WRITE_ONLY),
  async fn() {
    const machine = await Machine.make();
    await using _ = machine;
    machine.write("file");
    const backup = await machine.backUp({ roots: [machine.data, WRITE_ONLY] });
    const { target, data } = await machine.restore(backup);
    Deno.mkdirSync(`${target}${WRITE_ONLY}`, { recursive: true });
    for (const path of [`${data}/extra`, `${target}${WRITE_ONLY}/inner`]) {
      Deno.writeTextFileSync(path, "only here");
    }
    const options = { snapshotId: backup.id, target, paths: [], identities: [KEYS.identity], writers: 1 };
    assert.deepEqual(await planDeletions([{ tools: machine.tools(), options }]), [`${machine.data}/extra`]);
  },
});

Deno.test("nothing is deleted by a snapshot that lacks more than it names", () => {
  for (const name of ["", "x".repeat(4_000)]) {
    const all = Array.from({ length: 20_000 }, (_, i) => ({ path: `/${i}${name}`, reason: "denied" }));
    assert.throws(() => new UnreadPaths({ id: "id", errors: namedErrors(all) }), UsageError);
  }
  const paths = new UnreadPaths({ id: "id", errors: [{ path: "/a/b", reason: "denied" }] });
  const touched = ["/", "/a", "/a/b", "/a/b/c", "/a/bc", "/b"].filter((path) => paths.touches(path));
  assert.deepEqual(touched, ["/", "/a", "/a/b", "/a/b/c"]);
});
