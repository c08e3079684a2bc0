import * as v from "valibot";
import { view } from "../base/bytes.ts";
import { CorruptionError } from "../base/errors.ts";
import { type ListRef, ListRefs, type NamedBlob, NamedBlobs } from "./blob_list.ts";
import { hostIdOf } from "./host_id.ts";
import { Count, parseVersioned, Sha256, Time } from "./json.ts";
import { isSnapshotId, setOfSnapshot } from "./names.ts";

const MANIFEST_VERSION = 2;

/** Stored bytes of a manifest at most. */
export const MANIFEST_STORED_MAX = 8 * 2 ** 20;

/** Its JSON text at most: a few KB for each thousand lists, and what repairs have added. */
export const MANIFEST_TEXT_MAX = 16 * 2 ** 20;

/** Stored bytes of `snapshot.json.zst.age` at most, and of the text in it. */
export const SNAPSHOT_STORED_MAX = 16 * 2 ** 20;
export const SNAPSHOT_TEXT_MAX = 32 * 2 ** 20;

/**
 * In the place of a manifest: a prune has found its publication unfinished, and it cannot be finished under this id any more
 * (manifests are written create-only). It is no snapshot.
 */
export const VOID_MANIFEST = new TextEncoder().encode('{"vaultik_void":2}\n');

/** Where chunks of the blob `lost` are now: in a list page, which is `length` bytes at `offset` of the opened page blob. */
export type RelocationRef = readonly [
  lost: string,
  blob: string,
  blobSize: number,
  offset: number,
  length: number,
  id: string,
];

/** What a snapshot is called and how much it holds. */
export interface SnapshotNames {
  readonly hostname: string;
  /** Source set: its name in the configuration. */
  readonly name: string;
  readonly files: number;
  readonly directories: number;
  readonly others: number;
  /** Plain bytes of all files. */
  readonly bytes: number;
  /** Stored bytes of all blobs that it needs, shared ones included. */
  readonly stored: number;
}

/** The public commit of a snapshot: what it needs. */
export interface Manifest {
  readonly id: string;
  /** The host in whose directory it is. */
  readonly host: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Equal for the snapshots of one source set, and tells nothing else of it. */
  readonly set: string;
  readonly incomplete: boolean;
  /** The sources looked wrong when it was made, as an empty disk does. */
  readonly suspicious?: boolean;
  /** The run could not look at what prunes have marked: a host with such runs cannot be pruned. */
  readonly blind?: boolean;
  /** Sealed with the host's names key, base64; or in clear. */
  readonly names: string | SnapshotNames;
  /** `snapshot.json.zst.age`. */
  readonly snapshot: { readonly sha256: string; readonly size: number };
  /** The blobs that it needs, in the order in which they were stored: first those of these lists, then … */
  readonly lists: readonly ListRef[];
  /** … these. */
  readonly tail: readonly NamedBlob[];
  /** What repairs have moved out of lost blobs. */
  readonly relocations?: readonly RelocationRef[];
  /** Names of objects that are gone, not all of which could be healed: some files may lack. */
  readonly lost?: readonly string[];
  /** Ed25519 public key of the host, base64. */
  readonly hostKey: string;
}

/** A manifest without the names of blobs, of which there may be very many. */
export type ManifestHead = Omit<Manifest, "lists" | "tail" | "lost">;

const textEncoder = new TextEncoder();

/** The JSON text that is signed. `host_key` comes last, so that it is found before anything is parsed. */
export function encodeManifest(manifest: Manifest): string {
  return JSON.stringify({
    vaultik_manifest: MANIFEST_VERSION,
    id: manifest.id,
    host: manifest.host,
    started_at: manifest.startedAt,
    finished_at: manifest.finishedAt,
    set: manifest.set,
    incomplete: manifest.incomplete,
    suspicious: manifest.suspicious,
    blind: manifest.blind,
    names: manifest.names,
    snapshot: manifest.snapshot,
    lists: manifest.lists,
    tail: manifest.tail,
    relocations: manifest.relocations,
    lost: manifest.lost,
    host_key: manifest.hostKey,
  });
}

/** Puts the signature (base64) into the text as its last member. */
export function addSignature(text: string, signature: string): string {
  return `${text.slice(0, -1)},"signature":"${signature}"}`;
}

/** A signed text before anything of it is believed. */
export interface SignedText {
  /** The bytes that were signed. */
  readonly text: Uint8Array;
  readonly hostKey: string;
  readonly signature: string;
}

const KEY_DIGITS = 44;
const SIGNATURE_DIGITS = 88;
/** The last digits are such that no other text in base64 means the same bytes. */
const END =
  /^,"host_key":"([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)","signature":"([A-Za-z0-9+/]{85}[AQgw]==)"\}$/;
const KEY_MEMBER_LENGTH = ',"host_key":"'.length + KEY_DIGITS + 1;
const END_LENGTH = KEY_MEMBER_LENGTH + ',"signature":"'.length + SIGNATURE_DIGITS + '"}'.length;

/** Inverse of {@link addSignature}, in bytes; nothing is parsed. Throws `CorruptionError` where there is no signature. */
export function splitSignature(signed: Uint8Array): SignedText {
  const at = signed.length - END_LENGTH;
  const match = at <= 0 ? null : END.exec(view(signed.subarray(at)).toString("latin1"));
  if (match === null) {
    throw new CorruptionError("it is not signed");
  }
  const text = new Uint8Array(at + KEY_MEMBER_LENGTH + 1);
  text.set(signed.subarray(0, at + KEY_MEMBER_LENGTH));
  text[text.length - 1] = 0x7d;
  return { text, hostKey: match[1]!, signature: match[2]! };
}

const NamesSchema = v.object({
  hostname: v.pipe(v.string(), v.maxLength(256)),
  name: v.pipe(v.string(), v.maxLength(256)),
  files: Count,
  directories: Count,
  others: Count,
  bytes: Count,
  stored: Count,
});

const LOST_MAX = 100_000;

const HEAD = {
  id: v.pipe(v.string(), v.check(isSnapshotId)),
  host: v.string(),
  started_at: Time,
  finished_at: Time,
  set: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  incomplete: v.boolean(),
  suspicious: v.optional(v.boolean()),
  blind: v.optional(v.boolean()),
  names: v.union([v.pipe(v.string(), v.maxLength(4096), v.base64()), NamesSchema]),
  snapshot: v.object({ sha256: Sha256, size: v.pipe(Count, v.maxValue(SNAPSHOT_STORED_MAX)) }),
  relocations: v.optional(v.array(v.tuple([Sha256, Sha256, Count, Count, Count, Sha256]))),
  host_key: v.string(),
};
const HeadSchema = v.object(HEAD);
const ManifestSchema = v.object({
  ...HEAD,
  lists: ListRefs,
  tail: NamedBlobs,
  lost: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(200))), v.maxLength(LOST_MAX))),
});

/**
 * The manifest in `text`, of which the signature was checked: it must be that of the snapshot `id` of `host`. Throws
 * `CorruptionError`, `UsageError` where a newer program wrote it.
 */
export function decodeManifest(text: string, host: string, id: string): Manifest {
  return checked(parseVersioned(text, "vaultik_manifest", MANIFEST_VERSION, ManifestSchema), host, id);
}

/** As {@link decodeManifest}, without a look at the names of blobs. */
export function decodeHead(text: string, host: string, id: string): ManifestHead {
  return checked(parseVersioned(text, "vaultik_manifest", MANIFEST_VERSION, HeadSchema), host, id);
}

function checked<Json extends v.InferOutput<typeof HeadSchema>>(json: Json, host: string, id: string) {
  if (json.id !== id) throw new CorruptionError(`it is that of snapshot ${json.id}`);
  if (!json.set.startsWith(setOfSnapshot(id))) throw new CorruptionError("its set is not that of its id");
  if (json.host !== host || hostIdOf(json.host_key) !== host) {
    throw new CorruptionError("it is that of another host");
  }
  const { started_at: startedAt, finished_at: finishedAt, host_key: hostKey, ...rest } = json;
  return { ...rest, startedAt, finishedAt, hostKey };
}

/** What is sealed with the names key. */
export function encodeNames(names: SnapshotNames): Uint8Array {
  return textEncoder.encode(JSON.stringify(names));
}

/** Inverse of {@link encodeNames}. Throws `CorruptionError`. */
export function decodeNames(bytes: Uint8Array): SnapshotNames {
  try {
    return v.parse(NamesSchema, JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new CorruptionError("its names are malformed", { cause });
  }
}
