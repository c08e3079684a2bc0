import { equalBytes } from "../base/bytes.ts";
import { sha256Hex } from "../base/digest.ts";
import { CorruptionError, NotFoundError, UsageError } from "../base/errors.ts";
import { readAhead } from "../base/read_ahead.ts";
import { decompressAll } from "../blob/zstd.ts";
import { decodeManifest, type Manifest, splitSignature, VOID_MANIFEST } from "../model/manifest.ts";
import {
  manifestName,
  METADATA_PREFIX,
  snapshotName,
  snapshotOfManifest,
  snapshotOfPin,
} from "../model/names.ts";
import { decodeSnapshot, type Snapshot } from "../model/snapshot.ts";
import { formatTrustedHost, isTrusted } from "../model/trust.ts";
import type { HeaderOpener } from "../seal/age.ts";
import { openFile } from "../seal/file.ts";
import { verifyText } from "../seal/signature.ts";
import type { ObjectInfo, ObjectStore } from "../store/store.ts";
import type { SnapshotInfo, Tools } from "./options.ts";

/** Bounds what a damaged or hostile object can make us unpack. */
export const METADATA_BYTES_MAX = 1024 * 1024 * 1024;

const decoder = new TextDecoder();

/** Manifests that are read before they are asked for. */
const READ_AHEAD = 16;

/** What a listing says of a snapshot. */
interface Listed {
  /** When the store took the manifest, by the store's clock. */
  readonly modified: Date;
  readonly pinned: boolean;
}

/** A manifest that counts, and what the listing says of it. */
export type ListedManifest = Manifest & Listed;

/** A manifest as it was found in the store. */
export type FoundManifest =
  & Listed
  & { readonly id: string }
  & (
    | { readonly manifest: Manifest; readonly isTrusted: boolean }
    /** It is damaged, or was removed just now (`NotFoundError`): which objects it needs is not known. */
    | { readonly error: Error }
  );

/** Ids of all snapshots and what the listing says of them, in no order that means anything. */
async function snapshotIds({ store, signal }: Tools): Promise<Map<string, Listed>> {
  const times = new Map<string, Date>();
  const pins = new Set<string | undefined>();
  for await (const { name, size, modified } of store.list(METADATA_PREFIX, { signal })) {
    const id = snapshotOfManifest(name);
    if (id !== undefined && !await isVoid(store, { name, size }, signal)) times.set(id, modified);
    pins.add(snapshotOfPin(name));
  }
  return new Map([...times].map(([id, modified]) => [id, { modified, pinned: pins.has(id) }]));
}

/** Whether what is in the place of a manifest says that there will be none. */
export async function isVoid(
  store: ObjectStore,
  { name, size }: Pick<ObjectInfo, "name" | "size">,
  signal: AbortSignal,
): Promise<boolean> {
  if (size !== VOID_MANIFEST.length) return false;
  try {
    return equalBytes(await store.get(name, { signal }), VOID_MANIFEST);
  } catch (error) {
    if (error instanceof NotFoundError) return true;
    throw error;
  }
}

/**
 * Every manifest of the store, some at a time, with what `tools.trust` says of it; one that cannot be read comes as an error. Who
 * deletes must keep what an untrusted one names too: it may be a real snapshot, only not known to this configuration.
 * Throws `UsageError` at an untrusted one where the trust says `refuse`.
 */
export async function* eachManifest(tools: Tools): AsyncGenerator<FoundManifest> {
  const find = async ([id, listed]: readonly [string, Listed]): Promise<FoundManifest> => {
    try {
      const manifest = await openManifest(tools, id);
      return { id, ...listed, manifest, isTrusted: isTrusted(tools.trust, manifest) };
    } catch (error) {
      if (!(error instanceof CorruptionError || error instanceof NotFoundError)) throw error;
      return { id, ...listed, error };
    }
  };
  for await (const found of readAhead(await snapshotIds(tools), READ_AHEAD, find)) {
    if ("manifest" in found && !found.isTrusted && tools.trust?.untrusted === "refuse") {
      throw untrusted(found.manifest);
    }
    yield found;
  }
}

/**
 * The manifests that count. What is not trusted is left out and told of as a warning, what is damaged (or was removed just now)
 * likewise, unless `onUnreadable` is told of it.
 */
export async function* trustedManifests(
  tools: Tools,
  onUnreadable: (id: string, error: Error) => void = (_, error) =>
    tools.report({ kind: "warning", text: error.message }),
): AsyncGenerator<ListedManifest> {
  const ignored = new Map<string, string[]>();
  for await (const found of eachManifest(tools)) {
    if ("error" in found) onUnreadable(found.id, found.error);
    else if (found.isTrusted) {
      const { modified, pinned } = found;
      yield { ...found.manifest, modified, pinned };
    } else {
      const signer = formatTrustedHost({ hostname: found.manifest.hostname, key: found.manifest.hostKey });
      ignored.set(signer, [...ignored.get(signer) ?? [], found.id]);
    }
  }
  for (const [signer, ids] of ignored) {
    const which = ids.length === 1
      ? `Snapshot "${ids[0]}" is`
      : `${ids.length} snapshots, as "${ids[0]}", are`;
    tools.report({ kind: "warning", text: `${which} ignored: trusted_hosts does not have "${signer}"` });
  }
}

function untrusted({ id, hostname, hostKey }: Manifest): UsageError {
  const signer = formatTrustedHost({ hostname, key: hostKey });
  return new UsageError(
    `Cannot trust snapshot "${id}": trusted_hosts does not have "${signer}"; add it if the host is yours`,
  );
}

/** The manifest of a snapshot, its signature checked. Throws `UsageError` where its host is not trusted, `NotFoundError`, `CorruptionError`. */
export async function readManifest(tools: Tools, id: string): Promise<Manifest> {
  const manifest = await openManifest(tools, id);
  if (!isTrusted(tools.trust, manifest)) throw untrusted(manifest);
  return manifest;
}

async function openManifest({ store, signal }: Tools, id: string): Promise<Manifest> {
  return decodeStored(id, await store.get(manifestName(id), { signal }));
}

/** The manifest of snapshot `id` that the bytes of its object hold, its signature checked. Throws `CorruptionError`. */
export function decodeStored(id: string, stored: Uint8Array): Manifest {
  try {
    const { text, signature } = splitSignature(decoder.decode(decompressAll(stored, METADATA_BYTES_MAX)));
    const manifest = decodeManifest(text);
    if (manifest.id !== id) throw new CorruptionError(`it is that of snapshot ${manifest.id}`);
    if (!verifyText(text, signature, manifest.hostKey)) {
      throw new CorruptionError("its signature does not fit");
    }
    return manifest;
  } catch (error) {
    throw new CorruptionError(`Cannot read manifest "${manifestName(id)}": ${(error as Error).message}`, {
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

/** The snapshots that count, newest last; of others there is a warning. */
export async function listSnapshots(tools: Tools): Promise<SnapshotInfo[]> {
  const infos = await Array.fromAsync(trustedManifests(tools), toInfo);
  const key = (info: SnapshotInfo) => `${info.finishedAt} ${info.id}`;
  return infos.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function toInfo(manifest: ListedManifest): SnapshotInfo {
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
    hostKey: manifest.hostKey,
    storedAt: manifest.modified.toISOString(),
    pinned: manifest.pinned,
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
  const ids = [...(await snapshotIds(tools)).keys()];
  const matches = ids.includes(wanted) ? [wanted] : ids.filter((id) => id.startsWith(wanted)).sort();
  if (matches.length === 1) return matches[0];
  if (matches.length === 0) {
    throw new NotFoundError(`Cannot find snapshot "${wanted}": ${tools.store.location} has none of that id`);
  }
  throw new UsageError(`Cannot choose snapshot "${wanted}": it matches ${matches.join(", ")}`);
}
