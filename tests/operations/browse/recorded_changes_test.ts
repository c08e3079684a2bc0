import "../../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { CorruptionError } from "../../../src/base/errors.ts";
import type { Change } from "../../../src/model/entry_change.ts";
import { displayPath } from "../../../src/model/path.ts";
import { diffSnapshots } from "../../../src/operations/browse/diff.ts";
import { type BrowsedSnapshot, openForBrowsing } from "../../../src/operations/browse/open_snapshot.ts";
import { executePrune } from "../../../src/operations/prune/prune.ts";
import { surveyPrune } from "../../../src/operations/prune/survey.ts";
import { removeSnapshots } from "../../../src/operations/remove.ts";
import { CountingStore } from "../../../src/store/counting.ts";
import { Machine } from "../machine.ts";
import { browserOf } from "./browsed.ts";

const open = (machine: Machine, id: string): Promise<BrowsedSnapshot> =>
  openForBrowsing(browserOf(machine), machine.tools(), id);

async function changesOf(before: BrowsedSnapshot, after: BrowsedSnapshot): Promise<string[]> {
  const found: string[] = [];
  for await (const change of diffSnapshots(before, after, "/")) {
    if (change instanceof Error) throw change;
    found.push(textOf(change));
  }
  return found;
}

function textOf(change: Change): string {
  const path = displayPath(("after" in change ? change.after : change.before).path).split("/data/")[1];
  return `${change.kind} ${path}${change.kind === "changed" ? ` ${change.what}` : ""}`;
}

/** The snapshot as one that has not recorded what it changed. */
const withoutRecord = (browsed: BrowsedSnapshot): BrowsedSnapshot => ({
  ...browsed,
  entries: browsed.entries,
  snapshot: { ...browsed.snapshot, changes: undefined },
});

/** The file that ends page `page`. */
function lastOf(machine: Machine, page: number): string {
  const names = Array.from(Deno.readDirSync(`${machine.data}/many`), ({ name }) => name);
  return `many/${names.find((name) => name.startsWith(`${page}-last`))!}`;
}

/** Each changes a tree of three pages of files, a directory and a file with two names. */
const STEPS: Readonly<Record<string, (machine: Machine) => void>> = {
  "a file is written again": (machine) => machine.write("many/1-file-3", "other"),
  "files come and go": (machine) => {
    machine.write("new/deep/file");
    Deno.removeSync(`${machine.data}/many/0-file-1`);
  },
  "modes and times change": (machine) => {
    Deno.chmodSync(`${machine.data}/many/2-file-2`, 0o600);
    Deno.utimeSync(`${machine.data}/many/2-file-3`, 5, 5);
  },
  "the ends of pages move": (machine) => Deno.removeSync(`${machine.data}/many`, { recursive: true }),
  "a file at the beginning of a page goes": (machine) => Deno.removeSync(`${machine.data}/many/1-file-0`),
  "a file at the end of a page goes": (machine) => Deno.removeSync(`${machine.data}/${lastOf(machine, 1)}`),
  "a whole page goes, and the beginning of the next": (machine) => {
    const page = Array.from({ length: 10 }, (_, i) => `many/1-file-${i}`);
    for (const name of [...page, lastOf(machine, 1), "many/2-file-0"]) {
      Deno.removeSync(`${machine.data}/${name}`);
    }
  },
  "the last files go": (machine) => {
    for (const name of ["second-name", "steady"]) Deno.removeSync(`${machine.data}/${name}`);
  },
  "a file becomes a directory": (machine) => {
    Deno.removeSync(`${machine.data}/alone`);
    machine.write("alone/inside");
  },
  "a file has one name less": (machine) => Deno.removeSync(`${machine.data}/first-name`),
  "contents move to another name": (machine) =>
    Deno.renameSync(`${machine.data}/many/1-file-1`, `${machine.data}/many/1-file-x`),
  "a file of many chunks grows": (machine) =>
    machine.write("large", new Uint8Array(400_000).map((_, i) => i >> 7)),
};

for (const [what, step] of Object.entries(STEPS)) {
  Deno.test(`where ${what}, what a snapshot has recorded is what its pages tell`, async () => {
    await using machine = await Machine.make();
    machine.writePages(3);
    for (const name of ["alone", "first-name", "steady"]) machine.write(name);
    machine.write("large", new Uint8Array(300_000).map((_, i) => i >> 7));
    Deno.linkSync(`${machine.data}/first-name`, `${machine.data}/second-name`);
    const before = await machine.backUp();
    step(machine);
    const after = await machine.backUp();
    const [old, now] = [await open(machine, before.id), await open(machine, after.id)];
    assert.equal(now.snapshot.changes?.since, before.id);
    const recorded = await changesOf(old, now);
    assert.ok(recorded.length > 0);
    assert.deepEqual(recorded, await changesOf(old, withoutRecord(now)));
    assert.deepEqual((await machine.verify()).problems, []);
  });
}

Deno.test("the first snapshot records nothing, nor one with very many changes", async () => {
  await using machine = await Machine.make();
  machine.write("file");
  const first = await machine.backUp();
  for (let i = 0; i < 400; i++) machine.write(`more/${i}`);
  const many = await machine.backUp();
  for (const { id } of [first, many]) assert.equal((await open(machine, id)).snapshot.changes, undefined);
});

Deno.test("a snapshot without changes records nothing, or that others wrote beside what is backed up", async () => {
  await using machine = await Machine.make();
  machine.write("file");
  const before = await machine.backUp();
  const after = await machine.backUp();
  const [old, now] = [await open(machine, before.id), await open(machine, after.id)];
  assert.deepEqual(await changesOf(old, now), []);
  const recorded = now.snapshot.changes?.after;
  if (recorded) assert.ok(machine.data.startsWith(`${recorded.firstPath}/`), recorded.firstPath);
});

Deno.test("what is recorded is since the last snapshot of the same source set", async () => {
  await using machine = await Machine.make();
  machine.write("file");
  const home = await machine.backUp({ name: "home" });
  machine.write("second");
  await machine.backUp({ name: "system" });
  const { id } = await machine.backUp({ name: "home" });
  assert.equal((await open(machine, id)).snapshot.changes?.since, home.id);
});

Deno.test("a record that is lost costs nothing: the pages are compared", async () => {
  await using machine = await Machine.make();
  machine.write("file");
  const before = await machine.backUp();
  machine.write("file", "other");
  const after = await machine.backUp();
  const [old, now] = [await open(machine, before.id), await open(machine, after.id)];
  const lost: BrowsedSnapshot = {
    ...now,
    page: (page) =>
      page === now.snapshot.changes?.after ? Promise.reject(new CorruptionError("lost")) : now.page(page),
  };
  assert.deepEqual(await changesOf(old, lost), ["changed file contents,time"]);
});

Deno.test("where pages of many snapshots have changed, a diff reads three objects and two manifests", async () => {
  await using machine = await Machine.make();
  machine.writePages(12);
  await machine.backUp();
  const ids: string[] = [];
  for (let round = 0; round < 7; round++) {
    for (let page = 0; page <= round; page++) machine.write(`many/${page}-file-1`, `${round}`);
    ids.push((await machine.backUp()).id);
  }
  const store = new CountingStore(machine.tools().store);
  const openCounted = (id: string) => openForBrowsing(browserOf(machine), { ...machine.tools(), store }, id);
  const [old, now] = [await openCounted(ids[5]!), await openCounted(ids[6]!)];
  assert.equal((await changesOf(old, now)).length, 7);
  assert.equal(store.counts.get.calls, 5);
});

Deno.test("a prune leaves what a snapshot has recorded, also when the one before is gone", async () => {
  await using machine = await Machine.make();
  machine.writePages(2);
  const before = await machine.backUp();
  machine.write("many/1-file-1", "other");
  const after = await machine.backUp();
  await removeSnapshots(machine.tools(), [before.id]);
  const options = { graceMs: 0, minAgeMs: 0, dryRun: false };
  for (let run = 0; run < 2; run++) {
    const survey = await surveyPrune(machine.tools(), options);
    await executePrune(machine.tools(), survey, options);
  }
  const now = await open(machine, after.id);
  const { before: old, after: fresh } = now.snapshot.changes!;
  assert.equal((await now.page(old)).count, old.entries);
  assert.equal((await now.page(fresh)).count, fresh.entries);
  assert.deepEqual((await machine.verify()).problems, []);
});
