// Names of the objects in a store, and back. All but the first few are below the directory of a host.
import { base32, isHostId } from "./host_id.ts";

/** Beside the hosts: what tells whoever finds the store what it is, and opens it in a browser. */
export const README_NAME = "README.txt";
export const RECOVER_PAGE_NAME = "recover.html";

/** Where hosts have their directories. */
export const HOSTS_PREFIX = "hosts/";

/** What all objects of a host begin with. */
export function hostPrefix(host: string): string {
  return `${HOSTS_PREFIX}${host}/`;
}

/** The host in whose directory `name` is, and the name within it; `undefined` for what is in none. */
export function splitHostName(name: string): { readonly host: string; readonly rest: string } | undefined {
  const match = /^hosts\/([^/]+)\/(.+)$/.exec(name);
  return match !== null && isHostId(match[1]!) ? { host: match[1]!, rest: match[2]! } : undefined;
}

/** Who the host is. */
export const HOST_NAME = "host.json";

/** Where it is, the host is retired: without a snapshot no one misses one. */
export const RETIRED_NAME = "retired";

/** The host's keys, sealed. */
export const KEYS_PREFIX = "keys/";

export function keysName(sha256: string): string {
  return `${KEYS_PREFIX}${sha256}.age`;
}

/** The SHA-256 in the name of sealed keys. */
export function sha256OfKeys(name: string): string | undefined {
  return /^keys\/([0-9a-f]{64})\.age$/.exec(name)?.[1];
}

/** Whether `name` is one of the objects that make a directory that of a host. */
export function isHostObject(name: string): boolean {
  return name === HOST_NAME || name.startsWith(KEYS_PREFIX);
}

export type BlobKind = "blobs" | "pages";

/** What is named by its content. */
export type ContentKind = BlobKind | "lists";

export const CONTENT_KINDS: readonly ContentKind[] = ["blobs", "pages", "lists"];

export function blobName(kind: BlobKind, id: string): string {
  return `${kind}/${id.slice(0, 2)}/${id.slice(2, 4)}/${id}`;
}

export function listName(id: string): string {
  return `lists/${id.slice(0, 2)}/${id}`;
}

export function contentName(kind: ContentKind, id: string): string {
  return kind === "lists" ? listName(id) : blobName(kind, id);
}

const CONTENT_NAME = /^(blobs|pages|lists)\/(?:[0-9a-f]{2}\/){1,2}([0-9a-f]{64})$/;

/** `undefined` for a name that is no blob's and no list's. */
export function parseContentName(name: string): { kind: ContentKind; id: string } | undefined {
  const match = CONTENT_NAME.exec(name);
  if (match === null) return undefined;
  const [kind, id] = [match[1] as ContentKind, match[2]!];
  return contentName(kind, id) === name ? { kind, id } : undefined;
}

/** `undefined` for a name that is not a blob's. */
export function parseBlobName(name: string): { kind: BlobKind; id: string } | undefined {
  const parsed = parseContentName(name);
  return parsed === undefined || parsed.kind === "lists" ? undefined : { kind: parsed.kind, id: parsed.id };
}

/** What prune has to say to backups. */
export const PRUNE_PREFIX = "prune/";

/** Objects that only ask the store what time it is. */
export const CLOCK_PREFIX = `${PRUNE_PREFIX}clock-`;

/** What came of drills. */
export const DRILLS_PREFIX = "drills/";

/** The record of a drill; `id` is made by {@link runId}. */
export function drillName(kind: string, id: string): string {
  return `${DRILLS_PREFIX}${kind}/${id}.json`;
}

/** `undefined` for a name that is not that of a drill's record. */
export function parseDrillName(name: string): { readonly kind: string; readonly id: string } | undefined {
  const [, kind, id] = /^drills\/([a-z]+)\/([^/]+)\.json$/.exec(name) ?? [];
  return kind !== undefined && id !== undefined && isRunId(id) ? { kind, id } : undefined;
}

export const SNAPSHOTS_PREFIX = "snapshots/";

export function manifestName(snapshotId: string): string {
  return `${SNAPSHOTS_PREFIX}${snapshotId}/manifest.json.zst`;
}

export function snapshotName(snapshotId: string): string {
  return `${SNAPSHOTS_PREFIX}${snapshotId}/snapshot.json.zst.age`;
}

/** Where it is, the snapshot is kept whatever a policy says. */
export function pinName(snapshotId: string): string {
  return `${SNAPSHOTS_PREFIX}${snapshotId}/pin`;
}

/** The snapshot whose pin is called `name`. */
export function snapshotOfPin(name: string): string | undefined {
  return /^snapshots\/([^/]+)\/pin$/.exec(name)?.[1];
}

/** Where it is, the snapshot counts as a good one although its sources looked wrong. */
export function acceptedName(snapshotId: string): string {
  return `${SNAPSHOTS_PREFIX}${snapshotId}/accepted`;
}

/** The snapshot that the object called `name` accepts. */
export function snapshotOfAccepted(name: string): string | undefined {
  return /^snapshots\/([^/]+)\/accepted$/.exec(name)?.[1];
}

/** The snapshot that `name`, below {@link SNAPSHOTS_PREFIX}, belongs to. */
export function snapshotOfMetadata(name: string): string | undefined {
  return /^snapshots\/([^/]+)\//.exec(name)?.[1];
}

/** The snapshot whose manifest is called `name`. */
export function snapshotOfManifest(name: string): string | undefined {
  return /^snapshots\/([^/]+)\/manifest\.json\.zst$/.exec(name)?.[1];
}

/** The snapshot whose encrypted part is called `name`. */
export function snapshotOfSnapshot(name: string): string | undefined {
  return /^snapshots\/([^/]+)\/snapshot\.json\.zst\.age$/.exec(name)?.[1];
}

/** Random bytes in an id. */
export const ID_RANDOM_BYTES = 5;

/** `<UTC time>-<8 random characters>`: it tells nothing but the time, and cannot be guessed before it is used. */
export function runId(time: Date, random: Uint8Array): string {
  const stamp = time.toISOString().replace(/\.\d+Z$/, "Z").replace(/[-:]/g, "");
  return `${stamp}-${base32(random.subarray(0, ID_RANDOM_BYTES))}`;
}

export function isRunId(text: string): boolean {
  return /^\d{8}T\d{6}Z-[a-z2-7]{8}$/.test(text) && !Number.isNaN(timeOfSnapshot(text));
}

/** Of the tag of a source set, what its snapshots have in their ids. */
const SET_DIGITS = 8;

/**
 * As {@link runId}, and behind that the beginning of `set`, the tag of its source set: so a listing tells which snapshots are of one source
 * set, and not of which.
 */
export function snapshotId(time: Date, random: Uint8Array, set: string): string {
  return `${runId(time, random)}-${set.slice(0, SET_DIGITS)}`;
}

/** What the id of a snapshot has of the tag of its source set. */
export function setOfSnapshot(id: string): string {
  return id.slice(-SET_DIGITS);
}

/** The characters of {@link base32} in the order of their codes, which is that of ids. */
const IN_ORDER = "234567abcdefghijklmnopqrstuvwxyz";
const RANDOM_CHARACTERS = 8;
/** From one id to the next within a second: a millionth of all that there are, so that hardly any is too near the end for the next one. */
const STEPS = 2 ** 20;

/**
 * As {@link snapshotId}, and after `last`, the id of the last snapshot of the same machine, if both are of one second: the newest by id is then the newest that was
 * made. Some hundred backups in one second are put in order so.
 */
export function snapshotIdAfter(
  last: string | undefined,
  time: Date,
  random: Uint8Array,
  set: string,
): string {
  const id = snapshotId(time, random, set);
  if (last === undefined || id > last || timeOfSnapshot(id) !== timeOfSnapshot(last)) return id;
  const randomAt = last.indexOf("-") + 1;
  const characters = [...last.slice(randomAt, randomAt + RANDOM_CHARACTERS)];
  const step = 1 + new DataView(random.buffer, random.byteOffset).getUint32(0) % STEPS;
  const number = characters.reduce((sum, character) => sum * 32 + IN_ORDER.indexOf(character), 0) + step;
  if (number >= 32 ** RANDOM_CHARACTERS) return id;
  const next = characters.map((_, i) =>
    IN_ORDER[Math.floor(number / 32 ** (RANDOM_CHARACTERS - 1 - i)) % 32]
  );
  return `${last.slice(0, randomAt)}${next.join("")}-${setOfSnapshot(id)}`;
}

export function isSnapshotId(text: string): boolean {
  return /^\d{8}T\d{6}Z-[a-z2-7]{8}-[0-9a-f]{8}$/.test(text) && !Number.isNaN(timeOfSnapshot(text));
}

/** When the snapshot (or the run) was begun, as its id says: milliseconds since 1970, to the second. */
export function timeOfSnapshot(id: string): number {
  const [, day, time] = /^(\d{8})T(\d{6})Z-/.exec(id) ?? [];
  if (day === undefined || time === undefined) return NaN;
  const date = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`;
  return Date.parse(`${date}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}Z`);
}
