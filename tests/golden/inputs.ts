import type { FrameSize } from "../../src/blob/seek_table.ts";
import type { Entry, Place } from "../../src/model/entry.ts";
import type { NamedBlob } from "../../src/model/blob_list.ts";
import type { SealedKeys } from "../../src/model/host_keys.ts";
import type { Manifest } from "../../src/model/manifest.ts";
import type { PruneRecord } from "../../src/model/prune_record.ts";
import type { Snapshot } from "../../src/model/snapshot.ts";

// Fixed inputs of the encoders, whose outputs are kept beside this file.

const idOf = (digits: string) => digits.repeat(64 / digits.length);

const place = (blob: string, offset: number, length: number, id: string): Place => ({
  blob: idOf(blob),
  blobSize: blob === "a2" ? 2 ** 33 : 5000,
  offset,
  length,
  id: idOf(id),
});

const owner = { uid: 0, gid: 0, user: "root", group: "root" };

/** One entry of each kind, and each member that an entry may have. */
export const ENTRIES: readonly Entry[] = [
  { path: "/", kind: "directory", mode: 0o755, ...owner, mtime: "1700000000000000000" },
  {
    path: "/caf\xe9",
    kind: "symlink",
    mode: 0o777,
    uid: 1000,
    gid: 4_000_000_000,
    mtime: "-1",
    target: "../\xff",
  },
  { path: "/dev", kind: "directory", mode: 0o1777, ...owner, mtime: "0" },
  { path: "/dev/disk", kind: "block_device", mode: 0o660, ...owner, mtime: "1", device: [7, 300] },
  { path: "/dev/null", kind: "char_device", mode: 0o666, ...owner, mtime: "1", device: [1, 3] },
  { path: "/dev/pipe", kind: "fifo", mode: 0o600, ...owner, mtime: "1" },
  { path: "/empty", kind: "file", mode: 0o644, ...owner, mtime: "4102444800999999999", size: 0, chunks: [] },
  {
    path: "/first",
    kind: "file",
    mode: 0o4755,
    ...owner,
    mtime: "1700000000123456789",
    xattrs: [["security.capability", "AQAAAgAgAAAAAAAAAAAAAAAAAAA="], ["user.text", "dmFsdWU="], [
      "user.\xfe",
      "/w==",
    ]],
    size: 300,
    chunks: [place("b1", 0, 100, "c1"), place("b2", 4096, 200, "c2")],
  },
  {
    path: "/holes",
    kind: "file",
    mode: 0o600,
    ...owner,
    mtime: "1700000000000000001",
    size: 1_048_576,
    chunks: [place("b1", 100, 4096, "c3")],
    holes: [[0, 524_288], [528_384, 520_192]],
  },
  {
    path: "/large",
    kind: "file",
    mode: 0o600,
    ...owner,
    mtime: "1700000000000000002",
    size: 2 ** 40,
    lists: [place("a1", 0, 100_000, "d1"), place("a2", 2 ** 32 - 1, 1, "d2")],
  },
  {
    path: "/log",
    kind: "file",
    mode: 0o640,
    ...owner,
    mtime: "5",
    size: 4096,
    chunks: [place("b1", 100, 4096, "c3")],
    changed: true,
  },
  {
    path: "/na\xc3\xafve",
    kind: "file",
    mode: 0o4755,
    ...owner,
    mtime: "1700000000123456789",
    size: 300,
    hardlink: "/first",
  },
  { path: "/raw", kind: "file", mode: 0o644, ...owner, mtime: "6", size: 1, hardlink: "/caf\xe9-file" },
];

export const CHUNKS: readonly Place[] = [
  place("b1", 0, 4096, "c1"),
  place("b2", 0, 4096, "c2"),
  place("b1", 4096, 17, "c3"),
];

export const HOST_KEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

export const SIGNATURE = `${"A".repeat(86)}==`;

const ABOUT = {
  id: "20250102T030405Z-abcdefgh-01234567",
  host: "eh7ddx5bksrgcytl7bkai36se4",
  startedAt: "2025-01-02T03:04:05.000Z",
  finishedAt: "2025-01-02T03:05:00.000Z",
};

const NAMES = { hostname: "web1", name: "home" };
const TOTALS = { files: 3, directories: 2, others: 1, bytes: 2 ** 40 };

export const NAMED_BLOBS: readonly NamedBlob[] = [
  ["pages", idOf("a1"), 5000],
  ["blobs", idOf("b1"), 16_777_216],
  ["blobs", idOf("b2"), 1],
];

export const MANIFEST: Manifest = {
  ...ABOUT,
  set: "0123456789abcdef0123456789abcdef",
  incomplete: true,
  suspicious: true,
  blind: true,
  names: { ...NAMES, ...TOTALS, stored: 16_782_217 },
  snapshot: { sha256: idOf("e1"), size: 1234 },
  lists: [[idOf("f1"), 100_000, 512], [idOf("f2"), 40, 1]],
  tail: NAMED_BLOBS,
  relocations: [[idOf("b3"), idOf("a1"), 5000, 4096, 17, idOf("c3")]],
  lost: [`blobs/b3/b3/${idOf("b3")}`],
  hostKey: HOST_KEY,
};

export const SNAPSHOT: Snapshot = {
  ...ABOUT,
  ...NAMES,
  totals: TOTALS,
  roots: ["/", "/naïve"],
  options: { exclude: ["*.tmp"], one_file_system: false, exclude_caches: true, compression_level: 3 },
  chunker: { seed: idOf("5e"), average: 1_048_576 },
  errors: [{ path: "/secret", reason: "permission denied" }],
  pageLists: [{ ...place("a1", 6000, 70, "d0"), firstPath: "/", entries: 32 }],
  pages: [
    { ...place("a1", 0, 5000, "d1"), firstPath: "/bin", entries: 1000 },
    { ...place("a2", 0, 700, "d2"), firstPath: "/caf\xe9", entries: 7 },
    { ...place("a1", 5000, 10, "d3"), firstPath: "/na\xc3\xafve", entries: 1 },
  ],
};

export const RECORD: PruneRecord = { pages: [idOf("a1")], blobs: [idOf("b1"), idOf("b2")], lists: [] };

export const KEYS: SealedKeys = {
  host: ABOUT.host,
  hostname: "web1",
  created: "2025-01-02T03:04:05.678Z",
  signingKey: "nWGxne/9WmC6hErywEnSxETJVxu5dpezaXk7rAOsr2A=",
  chunkerSeed: idOf("5e"),
  namesKey: `${"A".repeat(43)}=`,
};

export const FRAMES: readonly FrameSize[] = [
  { stored: 100, plain: 1_048_576 },
  { stored: 2 ** 32 - 1, plain: 1 },
  { stored: 17, plain: 2 ** 26 },
];
