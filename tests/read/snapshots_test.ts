import assert from "node:assert/strict";
import { CorruptionError, NotFoundError, UsageError } from "../../src/base/errors.ts";
import { compressFrame, decompressAll } from "../../src/blob/zstd.ts";
import { manifestName } from "../../src/model/names.ts";
import { resolveSnapshot } from "../../src/read/resolve.ts";
import { listSnapshots, readManifest } from "../../src/read/snapshots.ts";
import { file, forge } from "../operations/forge.ts";
import { Machine } from "../operations/machine.ts";

Deno.test("listSnapshots() and resolveSnapshot() find the newest, one by its id, and one by a beginning", async () => {
  await using machine = await Machine.make();
  const tools = machine.tools();
  const resolve = async (wanted: string, choice = {}) =>
    (await resolveSnapshot(machine.rootTools(), wanted, choice)).id;
  await assert.rejects(resolve("latest"), NotFoundError);
  machine.write("a");
  const first = await machine.backUp();
  const second = await machine.backUp({ name: "other" });
  const infos = await listSnapshots(tools);
  assert.deepEqual(infos.map(({ id }) => id), [first.id, second.id]);
  const { name, host, hostname, files, bytes, incomplete, startedAt } = infos[0]!;
  assert.deepEqual([name, host, hostname, files, bytes, incomplete, startedAt], [
    "home",
    machine.host,
    "web1",
    1,
    1,
    false,
    first.startedAt,
  ]);
  assert.ok(infos[0]!.storedBytes! > 0);
  assert.notEqual(infos[0]!.set, infos[1]!.set, "two source sets");
  await assert.rejects(resolve("latest"), UsageError, "of which source set?");
  assert.equal(await resolve("latest", { name: "home" }), first.id);
  assert.equal(await resolve("latest", { host: "web1", name: "other" }), second.id);
  assert.equal(await resolve(first.id), first.id);
  for (const { id } of [first, second]) assert.equal(await resolve(id.slice(0, -1)), id);
  await assert.rejects(resolve("2025"), UsageError);
  for (const none of ["2024", "no such", "../"]) await assert.rejects(resolve(none), NotFoundError);
  for (const choice of [{ name: "none" }, { host: "web2" }]) {
    await assert.rejects(resolve("latest", choice), NotFoundError);
  }
});

Deno.test("a manifest that is not there, or not signed as it should be, is refused, and left out of the list", async (t) => {
  await using machine = await Machine.make();
  const tools = machine.tools();
  const good = await forge(machine, [file("/a")]);
  const other = await forge(machine, [file("/b")]);
  const name = manifestName(good.id);
  const whole = await machine.store.get(name);
  const text = new TextDecoder().decode(decompressAll(whole, 1 << 20));
  const forgeries: [what: string, text: string][] = [
    ["with another size in it", text.replace('"incomplete":false', '"incomplete":true')],
    ["with another key in it", text.replace(/"host_key":"..../, '"host_key":"AAAA')],
    ["with another signature", text.replace(/"signature":"..../, '"signature":"AAAA')],
    ["without a signature", text.replace(/,"signature":"[^"]*"/, "")],
    ["with more after the signature", text.replace(/\}$/, ',"more":1}')],
    ["of another version", text.replace('"vaultik_manifest":2', '"vaultik_manifest":3')],
    ["that is no JSON", "x"],
  ];
  for (const [what, forged] of forgeries) {
    await t.step(`a manifest ${what}`, async () => {
      assert.notEqual(forged, text);
      await machine.tamper(name, () => compressFrame(new TextEncoder().encode(forged), 1));
      await assert.rejects(readManifest(tools, good.id), CorruptionError);
      const before = machine.texts("warning").length;
      assert.deepEqual((await listSnapshots(tools)).map(({ id }) => id), [other.id]);
      assert.equal(machine.texts("warning").length, before + 1);
    });
  }
  await t.step("the manifest of another snapshot in its place", async () => {
    await machine.tamper(manifestName(good.id), () => whole);
    await machine.store.put(manifestName(other.id), whole);
    await assert.rejects(readManifest(tools, other.id), CorruptionError);
  });
  await assert.rejects(readManifest(tools, "none"), NotFoundError);
});
