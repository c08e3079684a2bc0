import { randomBytes } from "node:crypto";
import { zstdCompressSync } from "node:zlib";
import { sha256Hex } from "../../src/base/digest.ts";
import { compressFrame } from "../../src/blob/zstd.ts";
import { addSignature, VOID_MANIFEST } from "../../src/model/manifest.ts";
import { blobName, listName, manifestName, snapshotId, snapshotName } from "../../src/model/names.ts";
import { loadHostKeys } from "../../src/operations/host_keys.ts";
import { sealFile } from "../../src/seal/file.ts";
import { newSigningKey, publicKeyOf, signText } from "../../src/seal/signature.ts";
import { directory, file, forge, storeChunks } from "../operations/forge.ts";
import { KEYS, type Machine } from "../operations/machine.ts";

/** Objects that someone could put into a bucket, made with the host's own keys where that makes them worse. */
export interface Hostile {
  readonly what: string;
  /** Puts it into the store of `machine`; the snapshot and the object that it concerns. */
  readonly put: (machine: Machine) => Promise<{ readonly id: string; readonly object: string }>;
  /** What a user does then: `list` needs no key and goes on; `verify` and `restore` say what is wrong. */
  readonly command: "list" | "verify" | "restore" | "prune";
  /** Damage is 5, an upgrade that is missing 2; a listing warns and ends with 0. */
  readonly code: 0 | 2 | 5;
}

const encoder = new TextEncoder();
const TIME = "2025-01-02T03:04:05.000Z";
const ID = "ab".repeat(32);
const SET = "00".repeat(16);
let count = 0;

const newId = () => snapshotId(new Date(TIME), Uint8Array.of(9, ++count, 1, 2, 3), SET);
const zeros = (bytes: number) => zstdCompressSync(new Uint8Array(bytes));

/** A manifest's JSON that a reader would take. */
function manifestJson(machine: Machine, id: string): Record<string, unknown> {
  return {
    vaultik_manifest: 2,
    id,
    host: machine.host,
    started_at: TIME,
    finished_at: TIME,
    set: SET,
    incomplete: false,
    names: { hostname: "h", name: "n", files: 0, directories: 0, others: 0, bytes: 0, stored: 0 },
    snapshot: { sha256: ID, size: 1 },
    lists: [],
    tail: [],
  };
}

const keyOf = (machine: Machine) => loadHostKeys(machine.options.indexPath).signingKey;

function sign(json: Record<string, unknown>, key: string): Uint8Array {
  const text = JSON.stringify({ ...json, host_key: publicKeyOf(key) });
  return encoder.encode(addSignature(text, signText(text, key)));
}

async function putManifest(machine: Machine, id: string, stored: Uint8Array) {
  await machine.store.put(manifestName(id), stored);
  return { id, object: manifestName(id) };
}

/** Bytes in the place of a manifest. */
function bytes(what: string, stored: (machine: Machine, id: string) => Uint8Array): Hostile {
  const put = (machine: Machine) => {
    const id = newId();
    return putManifest(machine, id, stored(machine, id));
  };
  return { what: `manifest: ${what}`, put, command: "list", code: 0 };
}

/** A manifest that the host has signed, changed. */
function signed(what: string, change: Record<string, unknown>, code: 2 | 5 = 5): Hostile {
  const put = (machine: Machine) => {
    const id = newId();
    const json = { ...manifestJson(machine, id), ...change };
    return putManifest(machine, id, compressFrame(sign(json, keyOf(machine)), 1));
  };
  return { what: `signed manifest: ${what}`, put, command: "verify", code };
}

/** A list that a signed manifest names. */
function list(what: string, stored: Uint8Array | undefined, blobs = 1): Hostile {
  const put = async (machine: Machine) => {
    const id = newId();
    const content = stored ?? encoder.encode("gone");
    const sha256 = sha256Hex(content);
    const json = { ...manifestJson(machine, id), lists: [[sha256, content.length, blobs]] };
    if (stored !== undefined) await machine.store.put(listName(sha256), stored);
    await putManifest(machine, id, compressFrame(sign(json, keyOf(machine)), 1));
    return { id, object: listName(sha256) };
  };
  return { what: `list: ${what}`, put, command: "verify", code: 5 };
}

/** A sealed snapshot that a signed manifest names. */
function snapshot(
  what: string,
  text: (machine: Machine, id: string) => string | Uint8Array,
  code: 2 | 5 = 5,
): Hostile {
  const put = async (machine: Machine) => {
    const id = newId();
    const plain = text(machine, id);
    const packed = typeof plain === "string" ? compressFrame(encoder.encode(plain), 1) : plain;
    const sealed = await sealFile(packed, [KEYS.recipient]);
    const ref = { sha256: sha256Hex(sealed), size: sealed.length };
    const json = { ...manifestJson(machine, id), snapshot: ref };
    await machine.store.put(snapshotName(id), sealed);
    await putManifest(machine, id, compressFrame(sign(json, keyOf(machine)), 1));
    return { id, object: snapshotName(id) };
  };
  return { what: `snapshot: ${what}`, put, command: "restore", code };
}

function snapshotJson(machine: Machine, id: string): Record<string, unknown> {
  return {
    vaultik_snapshot: 2,
    id,
    host: machine.host,
    hostname: "h",
    name: "n",
    started_at: TIME,
    finished_at: TIME,
    roots: ["/"],
    options: {},
    totals: { files: 0, directories: 0, others: 0, bytes: 0 },
    chunker: { seed: "00".repeat(32), average: 1024 },
    errors: [],
    page_blobs: [],
    page_lists: [],
    pages: [],
  };
}

const changedSnapshot = (what: string, change: Record<string, unknown>, code: 2 | 5 = 5) =>
  snapshot(what, (machine, id) => JSON.stringify({ ...snapshotJson(machine, id), ...change }), code);

/** An entry that is not as entries are; the sound file beside it comes back. */
function entry(what: string, change: Record<string, unknown>): Hostile {
  const put = async (machine: Machine) => {
    const { places, object } = await storeChunks(machine, "blobs", [encoder.encode("sound")]);
    const bad = { ...file("/d/bad", places), ...change };
    const { id } = await forge(machine, [directory("/d"), bad as never, file("/d/sound", places)], [object]);
    return { id, object: "" };
  };
  return { what: `entry: ${what}`, put, command: "restore", code: 5 };
}

/** A blob of pages with other bytes in it. */
function pageBlob(what: string, plain: () => Uint8Array): Hostile {
  const put = async (machine: Machine) => {
    const id = newId();
    const sealed = await sealFile(plain(), [KEYS.recipient]);
    const blob = sha256Hex(sealed);
    await machine.store.put(blobName("pages", blob), sealed);
    const pages = [["/d", 0, 0, 1000, ID, 1]];
    const text = JSON.stringify({ ...snapshotJson(machine, id), page_blobs: [[blob, sealed.length]], pages });
    const snapshotBytes = await sealFile(compressFrame(encoder.encode(text), 1), [KEYS.recipient]);
    const ref = { sha256: sha256Hex(snapshotBytes), size: snapshotBytes.length };
    const tail = [["pages", blob, sealed.length]];
    const json = { ...manifestJson(machine, id), snapshot: ref, tail };
    await machine.store.put(snapshotName(id), snapshotBytes);
    await putManifest(machine, id, compressFrame(sign(json, keyOf(machine)), 1));
    return { id, object: blobName("pages", blob) };
  };
  return { what: `page blob: ${what}`, put, command: "restore", code: 5 };
}

/** A record in `prune/`. */
function record(what: string, stored: Uint8Array, sha256 = sha256Hex(stored)): Hostile {
  const put = async (machine: Machine) => {
    const object = `prune/20250102T030405Z_${sha256}.json`;
    await machine.store.put(object, stored);
    return { id: "", object };
  };
  return { what: `prune record: ${what}`, put, command: "prune", code: 0 };
}

/** A seek table that says what is not so. */
function seekTable(frames: number, plain: number): Uint8Array {
  const table = new Uint8Array(8 + 8 + 9);
  const view = new DataView(table.buffer);
  view.setUint32(0, 0x184d2a5e, true);
  view.setUint32(4, 17, true);
  view.setUint32(8, 10, true);
  view.setUint32(12, plain, true);
  view.setUint32(16, frames, true);
  view.setUint32(21, 0x8f92eab1, true);
  return table;
}

const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

export const HOSTILE: readonly Hostile[] = [
  bytes("nothing", () => new Uint8Array(0)),
  bytes("one byte", () => Uint8Array.of(1)),
  bytes("random bytes", () => randomBytes(10_000)),
  bytes("a void that is cut short", () => VOID_MANIFEST.subarray(1)),
  bytes("an empty frame", () => compressFrame(new Uint8Array(0), 1)),
  bytes("1 GiB of zeros in 33 KB", () => zeros(2 ** 30)),
  bytes("12 MiB of zeros, within the bound", () => zeros(12 * 2 ** 20)),
  bytes("10 MiB of random bytes", () => randomBytes(10 * 2 ** 20)),
  bytes(
    "not signed",
    (machine, id) => compressFrame(encoder.encode(JSON.stringify(manifestJson(machine, id))), 1),
  ),
  bytes(
    "signed by another host",
    (machine, id) => compressFrame(sign(manifestJson(machine, id), newSigningKey()), 1),
  ),
  bytes(
    "that of another snapshot",
    (machine) => compressFrame(sign(manifestJson(machine, newId()), keyOf(machine)), 1),
  ),
  bytes("lists nested 1,000,000 deep, not signed", () => compressFrame(encoder.encode(nested(1_000_000)), 1)),
  signed("of another host", { host: "a".repeat(26) }),
  signed("no id", { id: undefined }),
  signed("an id that is a number", { id: 5 }),
  signed("a time that is none", { finished_at: "yesterday" }),
  signed("a set with an escape sequence", { set: "\x1b[2J" }),
  signed("incomplete as text", { incomplete: "no" }),
  signed("names that are a number", { names: 7 }),
  signed("a negative size", { snapshot: { sha256: ID, size: -1 } }),
  signed("a snapshot of 1 TiB", { snapshot: { sha256: ID, size: 2 ** 40 } }),
  signed("lists that are an object", { lists: {} }),
  signed("a list of 2^53 names", { lists: [[ID, 10, 2 ** 53]] }),
  signed("5,000 names in the tail", { tail: Array(5_000).fill(["blobs", ID, 1]) }),
  signed("a kind of blob that there is not", { tail: [["../..", ID, 1]] }),
  signed("half a byte", { tail: [["blobs", ID, 0.5]] }),
  signed("an id with a path in it", { tail: [["blobs", `../../${ID.slice(6)}`, 1]] }),
  signed("lost as text", { lost: "all" }),
  signed("relocations that are numbers", { relocations: [1, 2, 3] }),
  signed("100,000 lists nested in names", { names: JSON.parse(nested(5_000)) }),
  signed("a newer format", { vaultik_manifest: 3 }, 2),
  list("is missing", undefined),
  list("random bytes", randomBytes(1_000)),
  list("512 MiB of zeros", zeros(2 ** 29)),
  list("of the wrong shape", compressFrame(encoder.encode('{"vaultik_list":2,"blobs":[1]}\n'), 1)),
  list(
    "with fewer names than it should have",
    compressFrame(encoder.encode('{"vaultik_list":2,"blobs":[]}\n'), 1),
  ),
  list(
    "with more names than any has",
    compressFrame(encoder.encode('{"vaultik_list":2,"blobs":[]}\n'), 1),
    1_024,
  ),
  changedSnapshot("of another host", { host: "a".repeat(26) }),
  changedSnapshot("of another id", { id: "20250102T030405Z-aaaaaaaa-00000000" }),
  changedSnapshot("of another time", { finished_at: "2025-01-02T03:04:06.000Z" }),
  changedSnapshot("pages that are numbers", { pages: [1] }),
  changedSnapshot("a page in a blob that there is not", { pages: [["/", 7, 0, 1, ID, 1]] }),
  changedSnapshot("errors that are text", { errors: "many" }),
  changedSnapshot("a newer format", { vaultik_snapshot: 3 }, 2),
  snapshot("1 GiB of zeros", () => zeros(2 ** 30)),
  snapshot("random bytes", () => randomBytes(1_000)),
  entry("a mode that is text", { mode: "rwx" }),
  entry("an owner below zero", { uid: -1 }),
  entry("a time that is an object", { mtime: {} }),
  entry("an unknown kind", { kind: "door" }),
  entry("a size that its contents do not have", { size: 1000 }),
  entry("a fractional size", { size: 5.5 }),
  entry("a path with ..", { path: "/d/../../bad" }),
  entry("a link to nothing", { kind: "symlink", chunks: undefined }),
  entry("a device without a number", { kind: "block_device", chunks: undefined }),
  entry("a hard link to what is not there", { hardlink: "/nowhere", chunks: undefined }),
  entry("holes outside of it", { holes: [[100, 100]] }),
  pageBlob("a seek table of 8,000,000 rows", () => seekTable(8_000_000, 10)),
  pageBlob("a frame of 3 GiB", () => seekTable(1, 3 * 2 ** 30)),
  pageBlob("no seek table", () => randomBytes(1_000)),
  record("2 bytes", encoder.encode("{}")),
  record("of other bytes than its name says", encoder.encode("{}"), ID),
  record("26 MiB", new Uint8Array(26 * 2 ** 20)),
  record("ids that are none", encoder.encode('{"vaultik_prune":2,"pages":[1],"blobs":[],"lists":[]}')),
];
