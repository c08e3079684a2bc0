import { CorruptionError } from "../base/errors.ts";
import { parseVersioned, type Totals } from "./snapshot.ts";

const MANIFEST_VERSION = 1;

/**
 * In the place of a manifest: a prune has found its publication unfinished, and it cannot be finished under this id any more
 * (manifests are written create-only). It is no snapshot.
 */
export const VOID_MANIFEST = new TextEncoder().encode('{"vaultik_void":1}\n');

/** A stored object and its size in bytes. */
export type StoredObject = readonly [id: string, size: number];

/** Where chunks of the blob `lost` are now: in a list page, which is `length` bytes at `offset` of the opened page blob. */
export type RelocationRef = readonly [lost: string, blob: string, offset: number, length: number, id: string];

/** The public list of what a snapshot needs; writing it is the commit. */
export interface Manifest {
  readonly id: string;
  readonly hostId: string;
  readonly hostname: string;
  readonly name: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly totals: Totals;
  readonly incomplete: boolean;
  /** `snapshot.json.zst.age`. */
  readonly snapshot: { readonly sha256: string; readonly size: number };
  readonly pages: readonly StoredObject[];
  readonly blobs: readonly StoredObject[];
  /** What repairs have moved out of lost blobs. */
  readonly relocations?: readonly RelocationRef[];
  /** Names of objects that are gone, not all of which could be healed: some files may lack. */
  readonly lost?: readonly string[];
  /** The run could not look at what prunes had condemned: a store with such hosts cannot be pruned. */
  readonly blind?: boolean;
  /** Ed25519 public key of the host, base64. */
  readonly hostKey: string;
}

/** The JSON text that is signed. */
export function encodeManifest(manifest: Manifest): string {
  return JSON.stringify({
    vaultik_manifest: MANIFEST_VERSION,
    id: manifest.id,
    host_id: manifest.hostId,
    hostname: manifest.hostname,
    name: manifest.name,
    started_at: manifest.startedAt,
    finished_at: manifest.finishedAt,
    totals: manifest.totals,
    incomplete: manifest.incomplete,
    snapshot: manifest.snapshot,
    pages: manifest.pages,
    blobs: manifest.blobs,
    relocations: manifest.relocations,
    lost: manifest.lost,
    blind: manifest.blind,
    host_key: manifest.hostKey,
  });
}

/** Puts the signature (base64) into the text as its last member. */
export function addSignature(text: string, signature: string): string {
  return `${text.slice(0, -1)},"signature":${JSON.stringify(signature)}}`;
}

/** Inverse of {@link addSignature}. Throws `CorruptionError` where there is no signature. */
export function splitSignature(signed: string): { text: string; signature: string } {
  const match = /,"signature":"([A-Za-z0-9+/=]+)"\}$/.exec(signed);
  if (match === null) throw new CorruptionError("Cannot read manifest: it is not signed");
  return { text: signed.slice(0, match.index) + "}", signature: match[1] };
}

/** Inverse of {@link encodeManifest}; the signature is the caller's to check. Throws `CorruptionError`. */
export function decodeManifest(text: string): Manifest {
  const json = parseVersioned(text, "vaultik_manifest", MANIFEST_VERSION);
  return {
    id: json.id as string,
    hostId: json.host_id as string,
    hostname: json.hostname as string,
    name: json.name as string,
    startedAt: json.started_at as string,
    finishedAt: json.finished_at as string,
    totals: json.totals as Totals,
    incomplete: json.incomplete as boolean,
    snapshot: json.snapshot as Manifest["snapshot"],
    pages: json.pages as StoredObject[],
    blobs: json.blobs as StoredObject[],
    hostKey: json.host_key as string,
    ...json.relocations === undefined ? {} : { relocations: json.relocations as RelocationRef[] },
    ...json.lost === undefined ? {} : { lost: json.lost as string[] },
    ...json.blind === true ? { blind: true } : {},
  };
}
