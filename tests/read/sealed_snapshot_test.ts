import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { sha256Hex } from "../../src/base/digest.ts";
import { CorruptionError } from "../../src/base/errors.ts";
import type { Manifest } from "../../src/model/manifest.ts";
import { manifestName, snapshotName } from "../../src/model/names.ts";
import { loadHostKeys } from "../../src/operations/host_keys.ts";
import { signedManifest } from "../../src/read/signed_manifest.ts";
import { readManifest } from "../../src/read/snapshots.ts";
import { Machine } from "../operations/machine.ts";

// A manifest names the sealed part of its snapshot by hash, and the sealed part says whose it is: neither can be given to another.

/** Two hosts with a store and an identity in common; what `victim` has backed up is `secret`. */
async function withTwoHosts() {
  const victim = await Machine.make();
  const thief = await Machine.make({ hostname: "web2" }, victim.root);
  victim.write("secret");
  thief.write("own");
  return { victim, thief, stolen: await victim.backUp(), own: await thief.backUp() };
}

/** Puts all that `from` has stored into the directory of `to`, but who it is and its manifests. */
async function copyContents(from: Machine, to: Machine): Promise<void> {
  for (const name of await from.objects()) {
    if (/^(blobs|pages|lists)\/|\/snapshot\.json\.zst\.age$/.test(name)) {
      await to.store.put(name, await from.store.get(name));
    }
  }
}

/** Signs a manifest as `machine` would, of what `sealed` is. */
async function signOver(
  machine: Machine,
  manifest: Manifest,
  sealed: Uint8Array,
  change: Partial<Manifest> = {},
): Promise<{ readonly id: string }> {
  const snapshot = { sha256: sha256Hex(sealed), size: sealed.length };
  const forged = { ...manifest, host: machine.host, snapshot, ...change };
  await machine.store.put(snapshotName(forged.id), sealed);
  const { signingKey } = loadHostKeys(machine.options.indexPath);
  await machine.store.put(manifestName(forged.id), signedManifest(forged, signingKey));
  return forged;
}

/** Fails unless a restore writes nothing, and a verification names `object`, for the reason `why`. */
async function assertRefused(machine: Machine, { id }: { readonly id: string }, object: string, why: RegExp) {
  const target = `${machine.directory}/refused`;
  await assert.rejects(
    machine.restore({ id }, { target }),
    (error: Error) => error instanceof CorruptionError && why.test(error.message),
  );
  assert.throws(() => Deno.lstatSync(target), Deno.errors.NotFound);
  const { problems } = await machine.verify();
  assert.deepEqual(problems.map(({ object }) => object), [object]);
  assert.match(problems[0]!.state, why);
}

Deno.test("a manifest that another host has signed is no snapshot of the host into whose directory it was copied", async () => {
  const { victim, thief, stolen, own } = await withTwoHosts();
  await using _ = victim;
  await using __ = thief;
  await copyContents(victim, thief);
  const name = manifestName(stolen.id);
  await thief.store.put(name, await victim.store.get(name));
  await assertRefused(thief, stolen, name, /it is signed by another host/);
  assert.deepEqual((await thief.verify(own)).problems, []);
  assert.deepEqual((await victim.verify()).problems, []);
});

Deno.test("a host that signs over the sealed snapshot of another publishes nothing that can be read", async () => {
  const { victim, thief, stolen, own } = await withTwoHosts();
  await using _ = victim;
  await using __ = thief;
  await copyContents(victim, thief);
  const sealed = await victim.store.get(snapshotName(stolen.id));
  const forged = await signOver(thief, await readManifest(victim.tools(), stolen.id), sealed);
  await assertRefused(thief, forged, snapshotName(stolen.id), /its host is not that of its manifest/);
  assert.deepEqual((await thief.verify(own)).problems, []);
});

const CHANGES: [member: string, change: Partial<Manifest>][] = [
  ["id", { id: "20250102T030405Z-aaaaaaaa-01234567", set: "01234567".repeat(4) }],
  ["startedAt", { startedAt: "2025-01-01T00:00:00.000Z" }],
  ["finishedAt", { finishedAt: "2035-01-01T00:00:00.000Z" }],
];

for (const [member, change] of CHANGES) {
  Deno.test(`a sealed snapshot of which the ${member} is not that of its manifest is refused`, async () => {
    await using machine = await Machine.make();
    machine.write("file");
    const { id } = await machine.backUp();
    const sealed = await machine.store.get(snapshotName(id));
    const forged = await signOver(machine, await readManifest(machine.tools(), id), sealed, change);
    const why = new RegExp(`its ${member} is not that of its manifest`);
    await assertRefused(machine, forged, snapshotName(forged.id), why);
  });
}

Deno.test("a sealed snapshot with other bytes than its manifest names is refused, although it opens", async () => {
  await using machine = await Machine.make();
  machine.write("file", "before");
  const first = await machine.backUp();
  machine.write("file", "after, and longer");
  const second = await machine.backUp();
  const name = snapshotName(second.id);
  await machine.store.put(name, await machine.store.get(snapshotName(first.id)));
  await assert.rejects(machine.restore(second), /it is not what its manifest names/);
  assert.ok((await machine.verify()).problems.some(({ object }) => object === name));
});
