import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { atLeast } from "../../src/base/at_least.ts";
import { CorruptionError, NotFoundError, UsageError } from "../../src/base/errors.ts";
import { hostPrefix, manifestName } from "../../src/model/names.ts";
import type { Trust } from "../../src/model/trust.ts";
import { hostsOf } from "../../src/read/hosts.ts";
import { loadHostKeys } from "../../src/operations/host_keys.ts";
import { resolveSnapshot } from "../../src/read/resolve.ts";
import { eachManifest, listSnapshots, readManifest } from "../../src/read/snapshots.ts";
import { storeInfo } from "../../src/operations/store_info.ts";
import { publicKeyOf } from "../../src/seal/signature.ts";
import { file, forge } from "./forge.ts";
import { KEYS, Machine } from "./machine.ts";
import { restore } from "../../src/operations/restore/restore.ts";

const keyOf = ({ options }: Machine) => publicKeyOf(loadHostKeys(options.indexPath).signingKey);

/** Two hosts of one name on one store, the second with a newer snapshot, and what trusts the first only. */
async function withNeighbour() {
  const machine = await Machine.make();
  const other = await Machine.make({}, machine.root);
  for (const one of [machine, other]) one.write("file");
  const own = await machine.backUp();
  const foreign = await other.backUp();
  const trust = (untrusted: Trust["untrusted"]): Trust => ({
    hosts: [{ hostname: "web1", key: keyOf(machine) }],
    untrusted,
  });
  /** What a machine without keys of its own is given: an administrator's. */
  const tools = (trust: Trust | undefined) => machine.rootTools({ trust, own: undefined });
  return { machine, other, own, foreign, tools, ignore: trust("ignore"), refuse: trust("refuse") };
}

Deno.test("directories of hosts that are not trusted are ignored, with one warning", async () => {
  const { machine, other, own, foreign, tools, ignore } = await withNeighbour();
  await using _ = machine;
  await using __ = other;
  const hosts = (found: readonly { host: string }[]) => found.map(({ host }) => host);
  assert.deepEqual(hosts(await hostsOf(tools(undefined))), [machine.host, other.host].sort());
  assert.deepEqual(machine.texts("warning"), []);
  assert.deepEqual(hosts(await hostsOf(tools(ignore))), [machine.host]);
  assert.deepEqual(machine.texts("warning"), [`Host ${other.host} is ignored: not in trusted_hosts`]);
  for (const wanted of ["latest", own.id]) {
    assert.equal((await resolveSnapshot(tools(ignore), wanted)).id, own.id);
  }
  await assert.rejects(resolveSnapshot(tools(ignore), foreign.id), NotFoundError);
  await assert.rejects(resolveSnapshot(tools(ignore), "latest", { host: other.host }), NotFoundError);
  await assert.rejects(resolveSnapshot(tools(undefined), "latest"), UsageError, "two hosts: which one?");
});

Deno.test("what another host has written is no snapshot of this one, and nothing of it is restored", async () => {
  const { machine, other, foreign } = await withNeighbour();
  await using _ = machine;
  await using __ = other;
  const options = {
    snapshotId: foreign.id,
    target: `${machine.directory}/target`,
    paths: [],
    identities: [KEYS.identity],
    writers: 1,
  };
  await assert.rejects(restore(machine.tools(), options), NotFoundError);
  for (const name of await other.objects("snapshots/")) {
    await machine.store.put(name, await other.store.get(name));
  }
  await assert.rejects(readManifest(machine.tools(), foreign.id), /signed by another host/);
  await assert.rejects(restore(machine.tools(), options), CorruptionError);
  assert.throws(() => Deno.lstatSync(options.target), Deno.errors.NotFound);
});

Deno.test("with refuse, whatever meets a directory that is not trusted stops", async () => {
  const { machine, other, own, refuse, tools } = await withNeighbour();
  await using _ = machine;
  await using __ = other;
  const message = new RegExp(`trusted_hosts does not have host ${other.host}`);
  await assert.rejects(hostsOf(tools(refuse)), message);
  await assert.rejects(resolveSnapshot(tools(refuse), "latest"), UsageError);
  await assert.rejects(resolveSnapshot(tools(refuse), own.id), UsageError);
  await assert.rejects(storeInfo(tools(refuse)), UsageError);
  assert.equal((await readManifest(machine.tools({ trust: refuse }), own.id)).id, own.id);
});

Deno.test("a host is trusted by its key, whatever name it gives itself, and is called as the configuration says", async () => {
  const { machine, other, own, ignore, tools } = await withNeighbour();
  await using _ = machine;
  await using __ = other;
  const trust = { ...ignore, hosts: [{ ...ignore.hosts[0]!, hostname: "db1" }] };
  const resolved = await resolveSnapshot(tools(trust), "latest", { host: "db1" });
  assert.deepEqual([resolved.tools.host, resolved.id], [machine.host, own.id]);
  await assert.rejects(resolveSnapshot(tools(trust), "latest", { host: "web1" }), NotFoundError);
});

Deno.test("the own host needs no line in trusted_hosts", async () => {
  const { machine, other, foreign, ignore } = await withNeighbour();
  await using _ = machine;
  await using __ = other;
  const own = other.rootTools({ trust: ignore });
  assert.equal((await resolveSnapshot(own, "latest")).id, foreign.id);
  assert.deepEqual((await hostsOf(own)).map(({ host }) => host), [machine.host, other.host].sort());
});

Deno.test("an administrator reads names with the names key in trusted_hosts, and not without", async () => {
  const { machine, other, ignore } = await withNeighbour();
  await using _ = machine;
  await using __ = other;
  const { namesKey } = loadHostKeys(machine.options.indexPath);
  const listed = async (trust: Trust) => {
    const [info] = atLeast(
      1,
      await listSnapshots(machine.tools({ trust, own: undefined, namesKeys: undefined })),
    );
    return [info.hostname, info.name, info.files];
  };
  assert.deepEqual(await listed({ ...ignore, hosts: [{ ...ignore.hosts[0]!, namesKey }] }), [
    "web1",
    "home",
    1,
  ]);
  assert.deepEqual(await listed(ignore), ["web1", undefined, undefined]);
});

Deno.test("eachManifest() gives every manifest of a host, sound and damaged, with the store's time", async () => {
  const { machine, other, own } = await withNeighbour();
  await using _ = machine;
  await using __ = other;
  const damaged = await forge(machine, [file("/damaged")]);
  await machine.tamper(manifestName(damaged.id), (bytes) => bytes.subarray(1));
  const found = await Array.fromAsync(eachManifest(machine.tools()));
  const states = found.map((one) => [one.id, "error" in one ? one.error.name : one.manifest.host]);
  assert.deepEqual(Object.fromEntries(states), {
    [own.id]: machine.host,
    [damaged.id]: CorruptionError.name,
  });
  for (const { info } of found) assert.ok(Math.abs(Date.now() - info.modified.getTime()) < 600_000);
});

Deno.test("eachManifest() gives one that is removed while it reads as not there", async () => {
  const { machine, other, own } = await withNeighbour();
  await using _ = machine;
  await using __ = other;
  const { store } = machine;
  const vanishing = new Proxy(store, {
    get: (target, name) => {
      if (name === "get") return (object: string) => store.remove(object).then(() => store.get(object));
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const found = await Array.fromAsync(eachManifest(machine.tools({ store: vanishing })));
  const one = found.find(({ id }) => id === own.id)!;
  assert.ok("error" in one && one.error instanceof NotFoundError);
  assert.equal(await machine.root.size(hostPrefix(machine.host) + manifestName(own.id)), undefined);
});
