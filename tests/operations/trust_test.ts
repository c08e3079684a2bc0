import assert from "node:assert/strict";
import { CorruptionError, NotFoundError, UsageError } from "../../src/base/errors.ts";
import { manifestName } from "../../src/model/names.ts";
import type { Trust } from "../../src/model/trust.ts";
import { publicHostKey } from "../../src/operations/backup/host.ts";
import {
  eachManifest,
  listSnapshots,
  readManifest,
  resolveSnapshot,
} from "../../src/operations/snapshots.ts";
import { file, forge } from "./forge.ts";
import { KEYS, Machine } from "./machine.ts";
import { restore } from "../../src/operations/restore/restore.ts";

/** A snapshot of the machine's own, one of somebody else that is newer, and what trusts the former only. */
async function withForged() {
  const machine = await Machine.make();
  machine.write("file");
  const own = await machine.backUp();
  const forged = await forge(machine, [file("/file")]);
  const trust = (untrusted: Trust["untrusted"]): Trust => ({
    hosts: [{ hostname: machine.options.hostname, key: publicHostKey(machine.options.indexPath)! }],
    untrusted,
  });
  return { machine, own, forged, ignore: trust("ignore"), refuse: trust("refuse") };
}

Deno.test("snapshots of hosts that are not trusted are ignored, with one warning for each signer", async () => {
  const { machine, own, forged, ignore } = await withForged();
  await using _ = machine;
  await forge(machine, [file("/more")]);
  const everyone = machine.tools();
  assert.equal((await listSnapshots(everyone)).length, 3);
  const tools = machine.tools({ trust: ignore });
  assert.deepEqual((await listSnapshots(tools)).map(({ id }) => id), [own.id]);
  const warnings = machine.texts("warning");
  assert.equal(warnings.length, 2, "each forged snapshot has a key of its own");
  assert.match(warnings[0], /^Snapshot "forged_\d+" is ignored: trusted_hosts does not have "forged /);
  assert.equal(await resolveSnapshot(tools, "latest"), own.id);
  await assert.rejects(readManifest(tools, forged.id), UsageError);
  const options = {
    target: `${machine.directory}/target`,
    paths: [],
    identities: [KEYS.identity],
    writers: 1,
  };
  await assert.rejects(restore(tools, { ...options, snapshotId: forged.id }), UsageError);
  assert.throws(() => Deno.lstatSync(options.target), Deno.errors.NotFound);
  await restore(tools, { ...options, snapshotId: own.id });
});

Deno.test("with refuse, whatever meets an untrusted snapshot stops", async () => {
  const { machine, own, refuse } = await withForged();
  await using _ = machine;
  const tools = machine.tools({ trust: refuse });
  await assert.rejects(listSnapshots(tools), /trusted_hosts does not have "forged /);
  await assert.rejects(resolveSnapshot(tools, "latest"), UsageError);
  await assert.rejects(Array.fromAsync(eachManifest(tools)), UsageError);
  assert.equal((await readManifest(tools, own.id)).id, own.id);
});

Deno.test("a trusted key under another host's name is not trusted", async () => {
  const { machine, own, ignore } = await withForged();
  await using _ = machine;
  const trust = { ...ignore, hosts: [{ ...ignore.hosts[0], hostname: "web2" }] };
  await assert.rejects(readManifest(machine.tools({ trust }), own.id), UsageError);
});

Deno.test("eachManifest() gives every manifest, trusted, not trusted and damaged, with the store's time", async () => {
  const { machine, own, forged, ignore } = await withForged();
  await using _ = machine;
  const damaged = await forge(machine, [file("/damaged")]);
  await machine.tamper(manifestName(damaged.id), (bytes) => bytes.subarray(1));
  const found = await Array.fromAsync(eachManifest(machine.tools({ trust: ignore })));
  const states = found.map((one) => [one.id, "error" in one ? one.error.name : one.isTrusted]);
  assert.deepEqual(Object.fromEntries(states), {
    [own.id]: true,
    [forged.id]: false,
    [damaged.id]: CorruptionError.name,
  });
  for (const { modified } of found) assert.ok(Math.abs(Date.now() - modified.getTime()) < 600_000);
});

Deno.test("eachManifest() gives one that is removed while it reads as not there", async () => {
  const { machine, own } = await withForged();
  await using _ = machine;
  const { store } = machine;
  const vanishing = new Proxy(store, {
    get: (target, name) => {
      if (name === "get") return (object: string) => store.remove(object).then(() => store.get(object));
      const value = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const found = await Array.fromAsync(eachManifest(machine.tools({ store: vanishing })));
  const one = found.find(({ id }) => id === own.id)!;
  assert.ok("error" in one && one.error instanceof NotFoundError);
});
