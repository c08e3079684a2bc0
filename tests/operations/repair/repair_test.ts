import "../../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { atLeast } from "../../../src/base/at_least.ts";
import { equalBytes } from "../../../src/base/bytes.ts";
import { CorruptionError } from "../../../src/base/errors.ts";
import { nameOf } from "../../../src/model/blob_list.ts";
import { blobName, HOST_NAME, hostPrefix, parseBlobName } from "../../../src/model/names.ts";
import { rebuildIndex } from "../../../src/operations/rebuild_index.ts";
import { repair, type RepairOptions, type RepairSummary } from "../../../src/operations/repair/repair.ts";
import { BlobLists } from "../../../src/read/blob_lists.ts";
import { readManifest } from "../../../src/read/snapshots.ts";
import { MemoryStore } from "../../../src/store/memory.ts";
import { randomBytes } from "../../chunk/random.ts";
import { readEntries } from "../forge.ts";
import { assertSameTree, KEYS, Machine } from "../machine.ts";

const fix = (machine: Machine, change: Partial<RepairOptions> = {}): Promise<RepairSummary> =>
  repair(machine.rootTools(), {
    backups: [machine.options],
    deep: false,
    readers: 1,
    dryRun: false,
    ...change,
  });

/** Two snapshots: of the files of the first, `changed` and `gone` are not what they were. */
async function withTwo() {
  const machine = await Machine.make({ chunkSizeBytes: 1 << 10, blobSizeBytes: 1 << 18 }, new MemoryStore());
  machine.writePages(2);
  for (let i = 0; i < 4; i++) machine.write(`same-${i}`, randomBytes(i, 100_000));
  machine.write("listed", randomBytes(9, 1_700_000));
  machine.write("changed", randomBytes(20, 100_000));
  machine.write("gone", randomBytes(30, 100_000));
  Deno.linkSync(`${machine.data}/gone`, `${machine.data}/gone-too`);
  const first = await machine.backUp();
  machine.write("changed", randomBytes(21, 100_000));
  Deno.removeSync(`${machine.data}/gone`);
  Deno.removeSync(`${machine.data}/gone-too`);
  const second = await machine.backUp();
  return { machine, first, second };
}

/** The blobs that hold chunks of a file of a snapshot. */
async function blobsOf(machine: Machine, backup: { id: string }, name: string): Promise<string[]> {
  const entries = (await readEntries(machine, backup)).flatMap(({ entries }) => entries);
  const { chunks } = entries.find(({ path }) => path === `${machine.data}/${name}`)!;
  return [...new Set(chunks!.map(({ blob }) => blobName("blobs", blob)))];
}

/** Restores, and checks that the files in `lost` are missing and all others are as they were when `whole` was restored. */
async function assertLacks(
  machine: Machine,
  backup: { id: string },
  whole: string,
  lost: readonly string[],
): Promise<void> {
  const { data, damaged } = await machine.restore(backup);
  assert.deepEqual(damaged.map(({ path }) => path.slice(machine.data.length + 1)).sort(), [...lost].sort());
  for (const { name, isFile } of Deno.readDirSync(whole)) {
    if (!isFile) continue;
    if (lost.includes(name)) {
      assert.throws(() => Deno.statSync(`${data}/${name}`), Deno.errors.NotFound, name);
    } else {assert.ok(
        equalBytes(Deno.readFileSync(`${data}/${name}`), Deno.readFileSync(`${whole}/${name}`)),
        name,
      );}
  }
}

Deno.test("a repair of a sound store does nothing, and says so", async () => {
  const { machine } = await withTwo();
  await using _ = machine;
  const before = await machine.objects();
  const { problems, known, files, backups, healed, left } = await fix(machine, { deep: true });
  assert.deepEqual([problems, known, files, backups, healed, left], [[], [], [], [], [], []]);
  assert.deepEqual(await machine.objects(), before);
});

for (
  const [what, damage] of [
    ["missing", (machine: Machine, name: string) => machine.store.remove(name)],
    ["cut short", (machine: Machine, name: string) => machine.tamper(name, (bytes) => bytes.subarray(0, -1))],
    [
      "flipped",
      (machine: Machine, name: string) =>
        machine.tamper(name, (bytes) => bytes.with(60_000, bytes[60_000]! ^ 4)),
    ],
  ] as const
) {
  Deno.test(`blobs that are ${what} are healed for old snapshots too, as far as the files still hold their chunks`, async () => {
    const { machine, first, second } = await withTwo();
    await using _ = machine;
    const whole = (await machine.restore(first)).data;
    const lost = new Set(await blobsOf(machine, first, "same-1"));
    for (const name of lost) await damage(machine, name);
    const planned = await fix(machine, { deep: true, dryRun: true });
    assert.deepEqual(planned.problems.map(({ object }) => object).sort(), [...lost].sort());
    assert.deepEqual([planned.known, planned.backups, planned.healed], [[...lost].sort(), [], []]);
    assert.ok(planned.files.some(({ path, state }) => path.endsWith("/same-1") && state === "same"));
    const summary = await fix(machine, { deep: true, identities: [KEYS.identity] });
    assert.equal(summary.backups.length, 1);
    assert.deepEqual((await machine.verify({ id: summary.backups[0]! })).problems, []);
    await assertSameTree((await machine.restore({ id: summary.backups[0]! })).data, machine.data);
    const lacking = [...new Set(summary.left.flatMap(({ files }) => files.map(({ path }) => path)))];
    for (const path of lacking) assert.match(path, /\/(gone|gone-too|changed)$/);
    await assertLacks(machine, first, whole, lacking.map((path) => path.slice(machine.data.length + 1)));
    await assertLacks(machine, second, machine.data, []);
    assert.ok(summary.healed.includes(second.id));
  });
}

Deno.test("a blob of which all chunks are still in files is no longer needed by any snapshot, and verify finds nothing", async () => {
  await using machine = await Machine.make({}, new MemoryStore());
  for (let i = 0; i < 5; i++) machine.write(`file-${i}`, randomBytes(i, 50_000));
  const first = await machine.backUp();
  machine.write("file-5", "more");
  const second = await machine.backUp();
  const [blob] = atLeast(1, await blobsOf(machine, first, "file-0"));
  await machine.store.remove(blob);
  const { left, healed } = await fix(machine);
  assert.deepEqual([left, healed], [[], [first.id, second.id]]);
  assert.deepEqual((await machine.verify()).problems, []);
  for (const { id } of [first, second]) {
    const manifest = await readManifest(machine.tools(), id);
    const { lost, relocations, hostKey } = manifest;
    assert.ok(!(await new BlobLists(machine.tools()).all(manifest)).some((named) => nameOf(named) === blob));
    assert.deepEqual([lost, relocations!.length, hostKey.length], [undefined, 1, 44]);
    const { data, damaged } = await machine.restore({ id });
    assert.deepEqual(damaged, []);
    for (let i = 0; i < 5; i++) {
      assert.ok(equalBytes(Deno.readFileSync(`${data}/file-${i}`), randomBytes(i, 50_000)));
    }
  }
  const again = await fix(machine, { deep: true });
  assert.deepEqual([again.problems, again.healed], [[], []]);
});

Deno.test("what was healed can be lost and healed again", async () => {
  await using machine = await Machine.make({}, new MemoryStore());
  machine.write("file", randomBytes(1, 50_000));
  const first = await machine.backUp();
  for (let round = 0; round < 3; round++) {
    const [{ chunks }] = atLeast(
      1,
      (await readEntries(machine, { id: (await machine.backUp()).id }))
        .flatMap(({ entries }) => entries).filter(({ path }) => path.endsWith("/file")),
    );
    await machine.store.remove(blobName("blobs", chunks![0]!.blob));
    assert.deepEqual((await fix(machine)).left, []);
    assert.deepEqual((await machine.restore(first)).damaged, [], String(round));
    assert.deepEqual((await machine.verify()).problems, []);
  }
});

Deno.test("lost pages are healed from the index, and lost list pages from the file", async () => {
  const { machine, first, second } = await withTwo();
  await using _ = machine;
  const manifest = await readManifest(machine.tools(), second.id);
  for (const named of await new BlobLists(machine.tools()).all(manifest)) {
    if (named[0] === "pages") await machine.store.remove(nameOf(named));
  }
  const summary = await fix(machine, { identities: [KEYS.identity] });
  await assertSameTree((await machine.restore({ id: summary.backups[0]! })).data, machine.data);
  await assertSameTree((await machine.restore(second)).data, machine.data);
  assert.deepEqual((await machine.verify([second, { id: summary.backups[0]! }])).problems, []);
  // The first page of the first snapshot had other entries, which no one has any more.
  for (const { object, snapshots } of summary.left) {
    assert.equal(parseBlobName(object)!.kind, "pages");
    assert.deepEqual(snapshots, [first.id]);
  }
});

Deno.test("a repair that is cut off goes on where it was", async () => {
  await using machine = await Machine.make({}, new MemoryStore());
  machine.write("file", randomBytes(1, 50_000));
  const first = await machine.backUp();
  const [blob] = atLeast(1, await blobsOf(machine, first, "file"));
  await machine.store.remove(blob);
  for (const prefix of ["blobs/", "pages/", "snapshots/"]) {
    const failing = new Proxy(machine.root, {
      get: (target, name) => {
        const value = Reflect.get(target, name);
        if (name !== "put") return typeof value === "function" ? value.bind(target) : value;
        return (object: string, ...rest: [Uint8Array, object]) =>
          object.startsWith(hostPrefix(machine.host) + prefix)
            ? Promise.reject(new CorruptionError(`no put of ${prefix}`))
            : target.put(object, ...rest);
      },
    });
    const options = { backups: [machine.options], deep: false, readers: 1, dryRun: false };
    await assert.rejects(repair(machine.rootTools({ store: failing }), options), /no put of/);
  }
  assert.deepEqual((await fix(machine)).left, []);
  assert.deepEqual((await machine.restore(first)).damaged, []);
  assert.deepEqual((await machine.verify()).problems, []);
});

Deno.test("after a rebuild the index still knows what was in lost blobs, and repairs them", async () => {
  await using machine = await Machine.make({}, new MemoryStore());
  machine.write("file", randomBytes(1, 50_000));
  const first = await machine.backUp();
  const [blob] = atLeast(1, await blobsOf(machine, first, "file"));
  await machine.store.remove(blob);
  const { indexPath, hostname, recipients } = machine.options;
  Deno.removeSync(indexPath);
  await rebuildIndex(machine.rootTools(), {
    indexPath,
    host: hostname,
    recipients,
    identities: [KEYS.identity],
  });
  await machine.backUp();
  assert.deepEqual((await fix(machine)).healed, [first.id]);
  assert.deepEqual((await machine.restore(first)).damaged, []);
  assert.deepEqual((await machine.verify()).problems, []);
});

Deno.test("what makes a directory that of the host is written again", async () => {
  await using machine = await Machine.make();
  machine.write("file");
  await machine.backUp();
  const [keys] = atLeast(1, await machine.objects("keys/"));
  await machine.tamper(HOST_NAME, (bytes) => bytes.subarray(1));
  await machine.store.remove(keys);
  const { problems, left } = await fix(machine);
  assert.deepEqual(problems.map(({ object }) => object), [HOST_NAME, "keys/"]);
  assert.deepEqual(left, []);
  assert.deepEqual((await machine.verify()).problems, []);
  const { indexPath, hostname, recipients } = machine.options;
  const tools = machine.rootTools({ own: undefined });
  for (const { name } of Deno.readDirSync(`${machine.directory}/index`)) {
    Deno.removeSync(`${machine.directory}/index/${name}`);
  }
  const rebuilt = await rebuildIndex(tools, {
    indexPath,
    host: hostname,
    recipients,
    identities: [KEYS.identity],
  });
  assert.deepEqual([rebuilt.host, rebuilt.keysRestored], [machine.host, true]);
});
