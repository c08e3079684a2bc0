import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { NotFoundError, UsageError } from "../../src/base/errors.ts";
import { loadHostKeys } from "../../src/operations/host_keys.ts";
import { type Choice, resolveSnapshot, resolveSnapshots } from "../../src/read/resolve.ts";
import { manifestName } from "../../src/model/names.ts";
import { CountingStore } from "../../src/store/counting.ts";
import { Machine } from "../operations/machine.ts";

/** Six snapshots: `home` and `system` by turns. */
async function history() {
  const machine = await Machine.make();
  machine.write("a");
  const ids: string[] = [];
  for (let i = 0; i < 6; i++) {
    const { id } = await machine.backUp({ name: i % 2 === 0 ? "home" : "system" });
    ids.push(id);
  }
  const one = (word: string, name?: string) =>
    resolveSnapshot(machine.rootTools(), word, { name }).then(({ id }) => id);
  const all = async (word: string) =>
    (await resolveSnapshots(machine.rootTools(), word)).map(({ id }) => id).sort();
  return { machine, ids, one, all };
}

Deno.test("latest and times name a snapshot of each source set, --name one of them", async () => {
  const { machine, ids, one, all } = await history();
  await using _ = machine;
  assert.deepEqual(await all("latest"), [ids[4], ids[5]].sort());
  assert.deepEqual(await all("latest~1"), [ids[2], ids[3]].sort());
  assert.deepEqual(await all("latest~2"), [ids[0], ids[1]].sort());
  await assert.rejects(all("latest~3"), NotFoundError);
  assert.equal(await one("latest", "home"), ids[4]);
  assert.equal(await one("latest~1", "system"), ids[3]);
  await assert.rejects(one("latest"), (error: Error) => {
    assert.ok(error instanceof UsageError);
    assert.match(
      error.message,
      /each source set: (system|home) \(\S+\), (system|home) \(\S+\); --name says which/,
    );
    return true;
  });
  await assert.rejects(one("latest", "other"), NotFoundError);
});

Deno.test("latest reads a manifest of each source set, and not those before", async () => {
  const { machine, ids } = await history();
  await using _ = machine;
  const store = new CountingStore(machine.rootTools().store);
  const tools = { ...machine.rootTools(), store, own: machine.host };
  const found = await resolveSnapshots(tools, "latest");
  assert.deepEqual(found.map(({ id }) => id), [ids[5], ids[4]]);
  assert.equal(store.counts.get.calls, 2);
});

Deno.test("all that a command names may be meant of one listing, whatever is backed up meanwhile", async () => {
  const { machine, ids } = await history();
  await using _ = machine;
  const tools = { ...machine.rootTools(), listings: new Map() };
  const home = async (word: string) => (await resolveSnapshot(tools, word, { name: "home" })).id;
  assert.equal(await home("latest~1"), ids[2]);
  const { id } = await machine.backUp({ name: "home" });
  assert.equal(await home("latest"), ids[4]);
  assert.equal((await resolveSnapshot(machine.rootTools(), "latest", { name: "home" })).id, id);
});

Deno.test("a time names the last snapshot that was begun before it", async () => {
  const { machine, ids, all, one } = await history();
  await using _ = machine;
  const time = (id: string) => id.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z.*$/, "$1-$2-$3 $4:$5:$6");
  assert.deepEqual(await all(time(ids[4]!)), [ids[2], ids[3]].sort());
  assert.equal(await one(`${time(ids[3]!)}~1`, "home"), ids[0]);
  assert.equal(await one(time(ids[1]!)), ids[0]);
  assert.deepEqual(await all("2030-01-01"), [ids[4], ids[5]].sort());
  await assert.rejects(all("2025-01-02"), NotFoundError);
});

Deno.test("an id is named by its beginning; what is ambiguous is listed, at most ten", async () => {
  const { machine, ids, one } = await history();
  await using _ = machine;
  for (const id of ids) {
    assert.equal(await one(id), id);
    assert.equal(await one(id.slice(0, 19)), id);
  }
  assert.equal(await one(`${ids[4]}~1`), ids[2]);
  assert.equal(await one(`${ids[4]}~2`), ids[0]);
  await assert.rejects(one(`${ids[4]}~3`), NotFoundError);
  await assert.rejects(one("2025"), (error: Error) => {
    for (const id of ids) assert.ok(error.message.includes(id), error.message);
    return error instanceof UsageError;
  });
  for (let i = 0; i < 7; i++) await machine.backUp();
  await assert.rejects(one("2025"), / and 3 more$/);
  await assert.rejects(one("x y"), /it is none of an id, the unique beginning of one, latest, or a time/);
});

Deno.test("a newest snapshot whose manifest is damaged is reported, and the one before is meant", async () => {
  await using machine = await Machine.make();
  machine.write("a");
  const first = await machine.backUp();
  const second = await machine.backUp();
  await machine.tamper(manifestName(second.id), (bytes) => bytes.toReversed());
  assert.equal((await resolveSnapshot(machine.rootTools(), "latest")).id, first.id);
  assert.match(machine.texts("warning").join(), new RegExp(second.id));
});

Deno.test("latest is the newest of this machine, of a host, of a name, from before a time", async () => {
  await using a = await Machine.make();
  await using b = await Machine.make({ hostname: "db1" }, a.root);
  a.write("file");
  b.write("file");
  const home = await a.backUp({ name: "home" });
  const etc = await a.backUp({ name: "etc" });
  const other = await b.backUp();
  const keys = [a, b].map(({ host, options }) => [host, loadHostKeys(options.indexPath).namesKey] as const);
  const tools = a.rootTools({ namesKeys: new Map(keys) });
  const latest = async (choice: Choice) => (await resolveSnapshot(tools, "latest", choice)).id;
  await assert.rejects(latest({}), UsageError);
  assert.equal(await latest({ name: "etc" }), etc.id);
  assert.equal(await latest({ name: "home" }), home.id);
  assert.equal(await latest({ host: "db1" }), other.id);
  assert.equal(await latest({ host: b.host }), other.id);
  assert.equal(await latest({ before: new Date(Date.parse(etc.startedAt)) }), home.id);
  await assert.rejects(latest({ name: "none" }), NotFoundError);
  await assert.rejects(latest({ host: "none" }), NotFoundError);
  const stranger = { ...tools, own: undefined };
  await assert.rejects(resolveSnapshot(stranger, "latest"), /several hosts/);
});
