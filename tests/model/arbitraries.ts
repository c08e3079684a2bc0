import fc from "fast-check";
import type { Entry, Kind, Place } from "../../src/model/entry.ts";
import { toLatin1 } from "../../src/base/bytes.ts";
import { base32 } from "../../src/model/host_id.ts";
import type { PageRef } from "../../src/model/page_refs.ts";
import type { Snapshot } from "../../src/model/snapshot.ts";
import { sortKey } from "../../src/model/path.ts";

/** Objects as decoders make them, with the plain prototype. */
function record<T>(
  shape: { [K in keyof T]: fc.Arbitrary<T[K]> },
): fc.Arbitrary<T> {
  return fc.record(shape, { noNullPrototype: true }) as fc.Arbitrary<T>;
}

const NUL = 0;
const SLASH = 0x2f;
const isPlainName = (name: string) => name !== "." && name !== "..";

/** Any bytes that a file system takes as a name; half of them are UTF-8. */
export const fileName: fc.Arbitrary<string> = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 12 })
    .filter((bytes) => !bytes.includes(NUL) && !bytes.includes(SLASH)),
  fc.string({ unit: "binary", minLength: 1, maxLength: 6 })
    .filter((text) => !text.includes("\0") && !text.includes("/"))
    .map((text) => new TextEncoder().encode(text)),
).map(toLatin1).filter(isPlainName);

/** An absolute path; `/` among them. */
export const filePath: fc.Arbitrary<string> = fc.array(fileName, { maxLength: 5 })
  .map((names) => "/" + names.join("/"));

export const id: fc.Arbitrary<string> = fc.uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""));

const size = fc.nat({ max: 2 ** 31 });

/** Few blobs, so that pages refer to one of them several times. */
const blob = fc.constantFrom(["aa".repeat(32), 1], ["bb".repeat(32), 2 ** 33], [
  "0c".repeat(32),
  0,
]) as fc.Arbitrary<
  [string, number]
>;

export const place: fc.Arbitrary<Place> = fc.tuple(blob, size, size, id)
  .map(([[blob, blobSize], offset, length, id]) => ({ blob, blobSize, offset, length, id }));

const places = fc.array(place, { maxLength: 5 });
const holes = fc.array(fc.tuple(size, size), { minLength: 1, maxLength: 3 });
const mtime = fc.bigInt({ min: -(2n ** 92n), max: 2n ** 92n }).map(String);
const byteText = fc.uint8Array({ minLength: 1, maxLength: 20 }).map(toLatin1);

const xattrs = fc.uniqueArray(
  fc.tuple(
    fileName.map((name) => `user.${name}`),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => btoa(toLatin1(bytes))),
  ),
  { selector: ([name]) => name, minLength: 1, maxLength: 4 },
).map((list) => list.sort((a, b) => (a[0] < b[0] ? -1 : 1)));

type Part = Partial<Entry> & { readonly kind: Kind };

const contents: fc.Arbitrary<Partial<Entry>> = fc.oneof(
  record({ chunks: places }),
  record({ chunks: places, holes }),
  record({ lists: places }),
  record({ chunks: places, changed: fc.constant(true) }),
  record({ chunks: places, links: fc.nat() }),
  record({ hardlink: filePath }),
);

const file = fc.tuple(record({ kind: fc.constant("file" as Kind), size }), contents)
  .map(([a, b]) => ({ ...a, ...b }));
const symlink = record({ kind: fc.constant("symlink" as Kind), target: byteText });
const plain = record({ kind: fc.constantFrom<Kind>("directory", "fifo") });
const device = record({
  kind: fc.constantFrom<Kind>("char_device", "block_device"),
  device: fc.tuple(fc.nat(), fc.nat()),
});

const common = record({
  path: filePath,
  mode: fc.nat({ max: 0o7777 }),
  uid: fc.nat({ max: 2 ** 32 - 1 }),
  gid: fc.nat({ max: 2 ** 32 - 1 }),
  mtime,
});
const optional = fc.record(
  { user: fc.string({ unit: "grapheme" }), group: fc.string({ unit: "grapheme" }), xattrs },
  { requiredKeys: [], noNullPrototype: true },
);

/** An entry of any kind, with any of its optional members. */
export const entry: fc.Arbitrary<Entry> = fc.tuple(
  common,
  optional,
  fc.oneof<fc.Arbitrary<Part>[]>(file, symlink, plain, device),
).map(([a, b, c]) => ({ ...a, ...b, ...c }));

const pageRef: fc.Arbitrary<PageRef> = fc.tuple(place, filePath, fc.nat())
  .map(([at, firstPath, entries]) => ({ ...at, firstPath, entries }));

/** Pages in their order. */
export const pageRefs: fc.Arbitrary<PageRef[]> = fc.uniqueArray(pageRef, {
  selector: ({ firstPath }) => firstPath,
  maxLength: 8,
}).map((refs) => refs.sort((a, b) => (sortKey(a.firstPath) < sortKey(b.firstPath) ? -1 : 1)));

export const hostId: fc.Arbitrary<string> = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(base32);

export const hostname = fc.string({ unit: "binary", maxLength: 40 });

const snapshotIdText: fc.Arbitrary<string> = fc.uint8Array({ minLength: 5, maxLength: 5 })
  .map((bytes) => `20250102T030405Z-${base32(bytes)}-01234567`);

const split = fc.tuple(pageRefs, fc.nat({ max: 8 }))
  .map(([refs, at]) => ({ pageLists: refs.slice(0, at), pages: refs.slice(at) }));

const changes = fc.option(record({ since: snapshotIdText, before: pageRef, after: pageRef }), {
  nil: undefined,
});

export const snapshot: fc.Arbitrary<Snapshot> = fc.tuple(
  split,
  changes,
  record({
    id: snapshotIdText,
    host: hostId,
    hostname,
    name: fc.string({ unit: "binary" }),
    startedAt: fc.constant("2025-01-02T03:04:05.678Z"),
    finishedAt: fc.constant("2025-01-02T03:05:00.000Z"),
    roots: fc.array(fc.string({ unit: "grapheme" })),
    options: fc.constant({ exclude: ["*.tmp"], one_file_system: true }),
    totals: record({ files: fc.nat(), directories: fc.nat(), others: fc.nat(), bytes: fc.nat() }),
    chunker: record({ seed: id, average: fc.constant(1 << 20) }),
    errors: fc.array(record({ path: fc.string(), reason: fc.string() })),
  }),
).map(([pages, changes, rest]) => ({ ...rest, ...pages, ...changes && { changes } }));
