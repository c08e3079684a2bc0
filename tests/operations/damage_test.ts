import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { atLeast } from "../../src/base/at_least.ts";
import { equalBytes } from "../../src/base/bytes.ts";
import type { Entry } from "../../src/model/entry.ts";
import { blobName, manifestName, snapshotName } from "../../src/model/names.ts";
import { CorruptionError, NotFoundError, UsageError } from "../../src/base/errors.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { randomBytes } from "../chunk/random.ts";
import { readEntries } from "./forge.ts";
import { assertSameTree, Machine } from "./machine.ts";

/** A machine with files of some blobs, one file in several of them, one with two names and one with list pages; backed up. */
async function withBlobs() {
  const machine = await Machine.make({ chunkSizeBytes: 1 << 10, blobSizeBytes: 1 << 19 });
  for (let i = 0; i < 5; i++) machine.write(`file-${i}`, randomBytes(i, 350_000));
  machine.write("listed", randomBytes(9, 1_700_000));
  machine.write("empty", "");
  Deno.linkSync(`${machine.data}/file-0`, `${machine.data}/other-name`);
  const backup = await machine.backUp();
  const files = (await readEntries(machine, backup)).flatMap(({ entries }) => entries)
    .filter((entry) => entry.kind === "file");
  assert.ok((await machine.objects("blobs/")).length >= 3);
  return {
    machine,
    backup,
    files,
    blob: files.find((file) => file.path.endsWith("/file-0"))!.chunks![0]!.blob,
  };
}

/** Paths of the files that have a chunk in `blob`; the listed one has some in nearly all of them. */
function needing(blob: string, files: readonly Entry[]): string[] {
  const direct = files.filter((file) => file.chunks?.some((chunk) => chunk.blob === blob)).map(({ path }) =>
    path
  );
  const links = files.filter((file) => file.hardlink !== undefined && direct.includes(file.hardlink));
  return [...direct, ...links.map(({ path }) => path)].sort();
}

const flip = (where: (length: number) => number) => (bytes: Uint8Array) => {
  const at = Math.min(where(bytes.length), bytes.length - 1);
  return bytes.with(at, bytes[at]! ^ 1);
};

const DAMAGES: [what: string, damage: (bytes: Uint8Array) => Uint8Array][] = [
  ["with a changed byte in its header", flip(() => 50)],
  ["with a changed byte in its first frame", flip(() => 1000)],
  ["with a changed byte in its middle", flip((length) => length >>> 1)],
  ["with a changed byte in its seek table", flip((length) => length - 30)],
  ["that is cut short by a byte", (bytes) => bytes.subarray(0, -1)],
  ["that is cut in the middle", (bytes) => bytes.subarray(0, bytes.length >>> 1)],
  ["that is empty", () => new Uint8Array(0)],
  ["that is something else", (bytes) => randomBytes(1, bytes.length)],
];

Deno.test("a damaged blob is reported for the files that need it, and for no others; all else is restored", async (t) => {
  const { machine, backup, files, blob } = await withBlobs();
  await using _ = machine;
  const name = blobName("blobs", blob);
  const whole = await machine.store.get(name);
  const needed = needing(blob, files);
  assert.ok(needed.length > 0 && needed.length < files.length - 2, needed.join());
  for (const [what, damage] of DAMAGES) {
    await t.step(what, async () => {
      await machine.tamper(name, () => damage(whole));
      await assertLost(machine, backup, needed, (lost) => lost.length > 0);
    });
  }
  await t.step("that is missing", async () => {
    await machine.store.remove(name);
    await assertLost(machine, backup, needed, (lost) => needed.every((path) => lost.includes(path)));
    const { problems } = await machine.verify(backup);
    const [{ object, state, snapshots, files }] = atLeast(1, problems);
    assert.deepEqual([problems.length, object, state, snapshots], [1, name, "is missing", [backup.id]]);
    assert.deepEqual(
      files.map(({ path }) => path).filter((path) => !path.endsWith("/listed")).sort(),
      needed,
    );
  });
  await t.step("that is whole again", async () => {
    await machine.store.put(name, whole);
    assert.deepEqual((await machine.verify(backup)).problems, []);
  });
});

/** Restores, and checks that what is lost is reported, needs the blob, and is not there; and that all else is as it was. */
async function assertLost(
  machine: Machine,
  backup: { id: string },
  needed: readonly string[],
  isEnough: (lost: readonly string[]) => boolean,
): Promise<void> {
  const { target, damaged } = await machine.restore(backup);
  const lost = damaged.map(({ path }) => path);
  const listed = `${machine.data}/listed`;
  assert.deepEqual(lost.filter((path) => path !== listed && !needed.includes(path)), []);
  assert.ok(isEnough(lost), lost.join());
  for (const { name } of Deno.readDirSync(machine.data)) {
    const path = `${machine.data}/${name}`;
    if (lost.includes(path)) assert.throws(() => Deno.lstatSync(target + path), Deno.errors.NotFound, path);
    else assert.ok(equalBytes(Deno.readFileSync(target + path), Deno.readFileSync(path)), path);
  }
  const reported = machine.events.filter((event) => event.kind === "file-damaged");
  assert.deepEqual(reported.splice(-lost.length).map((event) => "path" in event && event.path), lost);
  Deno.removeSync(target, { recursive: true });
}

Deno.test("a lost page is reported by its first path, and the other pages are restored", async () => {
  await using machine = await Machine.make();
  machine.writePages(5);
  const first = await machine.backUp();
  const old = await machine.objects("pages/");
  machine.write("many/3-file-4", "changed");
  const second = await machine.backUp();
  const [fresh] = atLeast(1, (await machine.objects("pages/")).filter((name) => !old.includes(name)));
  await machine.store.remove(fresh);
  const pages = (await readEntries(machine, first)).map(({ entries }) => entries.map(({ path }) => path));
  const { damaged, target } = await machine.restore(second);
  const lost = pages.filter((paths) => damaged.some(({ path }) => path === paths[0]));
  assert.ok(lost.flat().includes(`${machine.data}/many/3-file-4`));
  assert.ok(lost.length <= 2, "the page of the file, and that of the directories above");
  for (const path of pages.flat()) {
    if (lost.flat().includes(path)) continue;
    assert.ok(Deno.lstatSync(target + path), path);
  }
  const { problems } = await machine.verify(second);
  assert.deepEqual(problems.map(({ object, state }) => [object, state]), [[fresh, "is missing"]]);
  const costs = problems[0]!.files.map(({ path }) => path);
  assert.deepEqual(costs.sort(), lost.map(([first]) => first).sort());
  await assertSameTree(
    (await machine.restore(first)).data.replace(/$/, "/many"),
    `${target}${machine.data}/many`,
  )
    .then(() => assert.fail("trees are the same"), () => {});
});

Deno.test("a name of which the first is in a lost page is reported, and all else is restored", async () => {
  await using machine = await Machine.make();
  machine.writePages(4);
  machine.write("many/1-file-0-first", "contents");
  machine.write("z/file");
  Deno.linkSync(`${machine.data}/many/1-file-0-first`, `${machine.data}/z/link`);
  await machine.backUp();
  const old = await machine.objects("pages/");
  machine.write("many/1-file-3", "changed");
  const second = await machine.backUp();
  const fresh = (await machine.objects("pages/")).filter((name) => !old.includes(name));
  for (const name of fresh) await machine.store.remove(name);
  const { damaged, data } = await machine.restore(second, { paths: [`${machine.data}/z`] });
  assert.deepEqual(damaged.map(({ path }) => path).filter((path) => path.includes("/z")), [
    `${machine.data}/z/link`,
  ]);
  assert.equal(Deno.readTextFileSync(`${data}/z/file`), "z/file");
});

Deno.test("damaged metadata is refused before anything is written", async (t) => {
  await using machine = await Machine.make();
  machine.write("file");
  const backup = await machine.backUp();
  const names = { manifest: manifestName(backup.id), snapshot: snapshotName(backup.id) };
  for (const [kind, name] of Object.entries(names)) {
    const whole = await machine.store.get(name);
    for (const [what, damage] of DAMAGES) {
      await t.step(`a ${kind} ${what}`, async () => {
        await machine.tamper(name, () => damage(whole));
        await assert.rejects(machine.restore(backup), CorruptionError);
      });
    }
    await machine.store.remove(name);
    // Without its manifest there is no snapshot; what a manifest names and is not there is damage.
    const expected = kind === "manifest" ? NotFoundError : CorruptionError;
    await t.step(`a ${kind} that is missing`, () => assert.rejects(machine.restore(backup), expected));
    await machine.store.put(name, whole);
  }
  const { identity } = await generateKeyPair({ postQuantum: false });
  await assert.rejects(machine.restore(backup, { identities: [identity] }), UsageError);
  const written = Array.from(Deno.readDirSync(machine.directory), ({ name }) => name);
  assert.deepEqual(written.filter((name) => name.startsWith("restored")), []);
});

Deno.test("restore() refuses a directory that is not empty, and a path that the snapshot has not", async () => {
  await using machine = await Machine.make();
  machine.write("file");
  const backup = await machine.backUp();
  await assert.rejects(machine.restore(backup, { target: machine.data }), UsageError);
  await assert.rejects(machine.restore(backup, { paths: [`${machine.data}/other`] }), NotFoundError);
  await assert.rejects(machine.restore({ id: "none" }), NotFoundError);
});
