import assert from "node:assert/strict";
import { NotFoundError } from "../../src/base/errors.ts";
import { loadHostKeys } from "../../src/operations/host_keys.ts";
import { type Choice, resolveSnapshot } from "../../src/operations/resolve.ts";
import { Machine } from "./machine.ts";

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
  assert.equal(await latest({}), etc.id);
  assert.equal(await latest({ name: "home" }), home.id);
  assert.equal(await latest({ host: "db1" }), other.id);
  assert.equal(await latest({ host: b.host }), other.id);
  assert.equal(await latest({ before: new Date(Date.parse(etc.startedAt)) }), home.id);
  await assert.rejects(latest({ name: "none" }), NotFoundError);
  await assert.rejects(latest({ host: "none" }), NotFoundError);
  const stranger = { ...tools, own: undefined };
  await assert.rejects(resolveSnapshot(stranger, "latest"), /several hosts/);
});
