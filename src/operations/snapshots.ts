import { sha256Hex } from "../base/digest.ts";
import { CorruptionError, NotFoundError, UsageError } from "../base/errors.ts";
import { decompressAll } from "../blob/zstd.ts";
import { decodeManifest, type Manifest, splitSignature } from "../model/manifest.ts";
import { manifestName, METADATA_PREFIX, snapshotName, snapshotOfManifest } from "../model/names.ts";
import { decodeSnapshot, type Snapshot } from "../model/snapshot.ts";
import type { HeaderOpener } from "../seal/age.ts";
import { openFile } from "../seal/file.ts";
import { verifyText } from "../seal/signature.ts";
import type { SnapshotInfo, Tools } from "./options.ts";

/** Bounds what a damaged or hostile object can make us unpack. */
const METADATA_BYTES_MAX = 1024 * 1024 * 1024;

const decoder = new TextDecoder();

/** Ids of all snapshots, in no order that means anything. */
async function snapshotIds({ store, signal }: Tools): Promise<string[]> {
  const ids: string[] = [];
  for await (const { name } of store.list(METADATA_PREFIX, { signal })) {
    const id = snapshotOfManifest(name);
    if (id !== undefined) ids.push(id);
  }
  return ids;
}

/** The manifest of a snapshot, its signature checked. Throws `NotFoundError`, `CorruptionError`. */
export async function readManifest({ store, signal }: Tools, id: string): Promise<Manifest> {
  const name = manifestName(id);
  const stored = await store.get(name, { signal });
  try {
    const { text, signature } = splitSignature(decoder.decode(decompressAll(stored, METADATA_BYTES_MAX)));
    const manifest = decodeManifest(text);
    if (manifest.id !== id) throw new CorruptionError(`it is that of snapshot ${manifest.id}`);
    if (!verifyText(text, signature, manifest.hostKey)) {
      throw new CorruptionError("its signature does not fit");
    }
    return manifest;
  } catch (error) {
    throw new CorruptionError(`Cannot read manifest "${name}": ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** The snapshot that `manifest` names. Throws `UsageError` for a wrong identity, `CorruptionError`, `NotFoundError`. */
export async function readSnapshot(
  tools: Tools,
  manifest: Manifest,
  opener: HeaderOpener,
): Promise<Snapshot> {
  const name = snapshotName(manifest.id);
  const sealed = await getNamed(tools, name);
  if (sha256Hex(sealed) !== manifest.snapshot.sha256) {
    throw new CorruptionError(`Cannot read snapshot "${name}": it is not what its manifest names`);
  }
  const plain = await openFile(sealed, opener);
  return decodeSnapshot(decoder.decode(decompressAll(plain, METADATA_BYTES_MAX)));
}

/** An object that a manifest names: that it is missing is damage. */
async function getNamed({ store, signal }: Tools, name: string): Promise<Uint8Array> {
  try {
    return await store.get(name, { signal });
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    throw new CorruptionError(`Cannot read snapshot "${name}": it is missing`, { cause: error });
  }
}

/** All snapshots of the store, newest last. A manifest that cannot be read is told of as a warning and left out. */
export async function listSnapshots(tools: Tools): Promise<SnapshotInfo[]> {
  const infos: SnapshotInfo[] = [];
  for (const id of await snapshotIds(tools)) {
    try {
      infos.push(toInfo(await readManifest(tools, id)));
    } catch (error) {
      if (!(error instanceof CorruptionError || error instanceof NotFoundError)) throw error;
      tools.report({ kind: "warning", text: (error as Error).message });
    }
  }
  const key = (info: SnapshotInfo) => `${info.finishedAt} ${info.id}`;
  return infos.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function toInfo(manifest: Manifest): SnapshotInfo {
  const stored = [...manifest.pages, ...manifest.blobs].reduce((sum, [, size]) => sum + size, 0);
  return {
    id: manifest.id,
    hostId: manifest.hostId,
    host: manifest.hostname,
    name: manifest.name,
    startedAt: manifest.startedAt,
    finishedAt: manifest.finishedAt,
    files: manifest.totals.files,
    bytes: manifest.totals.bytes,
    storedBytes: stored + manifest.snapshot.size,
    incomplete: manifest.incomplete,
  };
}

/** The id that `wanted` (`latest`, an id, or the beginning of one id only) names. Throws `NotFoundError`, `UsageError`. */
export async function resolveSnapshot(tools: Tools, wanted: string): Promise<string> {
  if (wanted === "latest") {
    const newest = (await listSnapshots(tools)).at(-1);
    if (newest === undefined) {
      throw new NotFoundError(`Cannot find a snapshot: ${tools.store.location} has none`);
    }
    return newest.id;
  }
  const ids = await snapshotIds(tools);
  const matches = ids.includes(wanted) ? [wanted] : ids.filter((id) => id.startsWith(wanted)).sort();
  if (matches.length === 1) return matches[0];
  if (matches.length === 0) {
    throw new NotFoundError(`Cannot find snapshot "${wanted}": ${tools.store.location} has none of that id`);
  }
  throw new UsageError(`Cannot choose snapshot "${wanted}": it matches ${matches.join(", ")}`);
}
