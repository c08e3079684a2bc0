import { sha256Hex } from "../../base/digest.ts";
import { CorruptionError, NotFoundError } from "../../base/errors.ts";
import type { Check } from "../../index/checks.ts";
import { blobName, manifestName, parseBlobName, snapshotName } from "../../model/names.ts";
import { HeaderOpener, type Identity } from "../../seal/age.ts";
import { BlobLists } from "../../read/blob_lists.ts";
import { hostFaults } from "../host_faults.ts";
import type { HostTools } from "../../read/hosts.ts";
import { StoreSource } from "../../read/store_source.ts";
import { readableManifests, readManifest } from "../../read/snapshots.ts";
import type { AuditRequest } from "../verify/audit.ts";
import { auditBlobs } from "../verify/audit_pool.ts";
import { DamageMap } from "../verify/damage.ts";
import { DeepCheck } from "../verify/deep.ts";
import { compareListing, NeededObjects } from "../../read/needed_objects.ts";

/** What is in a store and what is wrong with it, as far as that can be known without a key. */
export interface Survey {
  readonly needed: NeededObjects;
  readonly damage: DamageMap;
  /** Names of what is missing or has another size: nothing can be had from it. */
  readonly gone: ReadonlySet<string>;
}

/**
 * Compares what all snapshots need with a listing, and adds what `known` checks found damaged. Of the snapshots `made` here it is damage
 * when only their manifest is gone: one that was removed has nothing left.
 */
export async function surveyStore(
  tools: HostTools,
  known: readonly Check[],
  made: readonly string[],
): Promise<Survey> {
  const needed = new NeededObjects(new BlobLists(tools));
  const damage = new DamageMap();
  const manifests = readableManifests(tools, (id, error) => {
    if (error instanceof CorruptionError) damage.note(manifestName(id), error.message, "all");
  });
  for await (const manifest of manifests) await needed.add(manifest);
  for (const [name, fault] of needed.faults) damage.note(name, fault, "all");
  const { faults, withoutManifest } = await compareListing(tools, needed.sizes);
  for (const id of withoutManifest) if (made.includes(id)) damage.note(manifestName(id), "is missing", "all");
  for (const [name, fault] of faults) damage.note(name, fault, "all");
  for (const [name, fault] of await hostFaults(tools)) damage.note(name, fault, "all");
  for (const { kind, id, fault } of known) {
    const name = blobName(kind, id);
    if (needed.sizes.has(name)) damage.note(name, fault!, "all");
  }
  return { needed, damage, gone: new Set([...needed.faults.keys(), ...faults.keys()]) };
}

/** Fetches and opens everything: which chunks are lost is known then. */
export async function openStore(
  tools: HostTools,
  { needed, damage }: Survey,
  readers: number,
  identities: readonly Identity[],
): Promise<void> {
  const opener = new HeaderOpener(identities);
  const source = new StoreSource(tools, opener);
  await new DeepCheck(tools, source, needed, damage, { opener, readers, onChecked: () => {} }).run();
}

/** Fetches and hashes everything: an object's name is the hash of its bytes, so this needs no key. */
export async function hashStore(
  tools: HostTools,
  { needed, damage }: Survey,
  readers: number,
): Promise<void> {
  const requests: AuditRequest[] = [];
  for (const [name, size] of needed.sizes) {
    const blob = parseBlobName(name);
    if (blob !== undefined && !damage.has(name)) requests.push({ ...blob, size });
  }
  const source = new StoreSource(tools, new HeaderOpener([]));
  const bytes = requests.reduce((sum, { size }) => sum + size, 0);
  await auditBlobs(
    tools,
    source,
    readers,
    { count: requests.length, bytes, requests },
    ({ kind, id }, { fault }) => {
      if (fault !== undefined) damage.note(blobName(kind, id), fault, "all");
    },
  );
  for (const id of needed.snapshots) await hashSnapshot(tools, id, damage);
}

async function hashSnapshot(tools: HostTools, id: string, damage: DamageMap): Promise<void> {
  const name = snapshotName(id);
  if (damage.has(name)) return;
  try {
    const { snapshot } = await readManifest(tools, id);
    const bytes = await tools.store.get(name, { signal: tools.signal });
    if (sha256Hex(bytes) !== snapshot.sha256) {
      damage.note(name, "is damaged: it is not what its manifest names", "all");
    }
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error; // removed just now
  }
}
