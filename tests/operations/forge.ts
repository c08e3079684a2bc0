import { sha256, sha256Hex } from "../../src/base/digest.ts";
import { compressFrame } from "../../src/blob/zstd.ts";
import type { Entry, Place } from "../../src/model/entry.ts";
import type { ListRef, NamedBlob } from "../../src/model/blob_list.ts";
import { type BlobKind, blobName, snapshotId } from "../../src/model/names.ts";
import { encodePage } from "../../src/model/page.ts";
import { decodePage } from "../../src/model/page.ts";
import type { PageRef } from "../../src/model/page_refs.ts";
import { BlobReader } from "../../src/read/blob_reader.ts";
import { BlobWriter } from "../../src/write/blob_writer.ts";
import { BufferRing } from "../../src/write/buffer_ring.ts";
import { emptyBlob } from "../../src/write/empty_blob.ts";
import { publish } from "../../src/write/publish.ts";
import { readManifest, readSnapshot } from "../../src/read/snapshots.ts";
import { StoreSource } from "../../src/read/store_source.ts";
import { HeaderOpener } from "../../src/seal/age.ts";
import { setTag } from "../../src/seal/names_key.ts";
import { loadHostKeys } from "../../src/operations/host_keys.ts";
import { PageReader } from "../../src/read/page_reader.ts";
import { SnapshotPages } from "../../src/read/snapshot_pages.ts";
import { KEYS, type Machine } from "./machine.ts";

const BLOB_BYTES = 1 << 22;
const encoder = new TextEncoder();

/** Stores some chunks as one blob; where they are then, and the blob. */
export async function storeChunks(
  machine: Machine,
  kind: BlobKind,
  chunks: readonly Uint8Array[],
): Promise<{ places: Place[]; object: NamedBlob }> {
  const objects: NamedBlob[] = [];
  const writer = new BlobWriter({
    kind,
    compressionLevel: 1,
    takeEmpty: (plainBytes) =>
      emptyBlob([KEYS.recipient], new BufferRing({ count: 1, sizeBytes: BLOB_BYTES }), plainBytes),
    store: async ({ id, buffer, size }) => {
      objects.push([kind, id, size]);
      await machine.store.put(blobName(kind, id), new Uint8Array(buffer, 0, size));
    },
  });
  for (const chunk of chunks) await writer.addFrame(compressFrame(chunk, 1), chunk.length, sha256(chunk));
  await writer.flush();
  let offset = 0;
  const places = chunks.map((chunk) => {
    const place = {
      blob: objects[0]![1],
      blobSize: objects[0]![2],
      offset,
      length: chunk.length,
      id: sha256Hex(chunk),
    };
    offset += chunk.length;
    return place;
  });
  return { places, object: objects[0]! };
}

let snapshots = 0;

/** Publishes a snapshot of any entries, one page, as the host itself could if it were taken over. */
export function forge(
  machine: Machine,
  entries: readonly Entry[],
  blobs: readonly NamedBlob[] = [],
  lists: readonly ListRef[] = [],
): Promise<{ id: string }> {
  return forgePage(machine, encodePage(entries), entries[0]!.path, blobs, lists);
}

/** As {@link forge}, with any text as the page. */
export function forgePage(
  machine: Machine,
  text: string,
  firstPath: string,
  blobs: readonly NamedBlob[] = [],
  lists: readonly ListRef[] = [],
): Promise<{ id: string }> {
  return forgePages(machine, [{ text, firstPath }], blobs, lists);
}

/** As {@link forgePage}, of several pages. */
export async function forgePages(
  machine: Machine,
  pages: readonly { readonly text: string; readonly firstPath: string }[],
  blobs: readonly NamedBlob[] = [],
  lists: readonly ListRef[] = [],
): Promise<{ id: string }> {
  const texts = pages.map(({ text }) => encoder.encode(text));
  const { places, object } = await storeChunks(machine, "pages", texts);
  const keys = loadHostKeys(machine.options.indexPath);
  const id = snapshotId(
    new Date("2025-01-02T03:04:05Z"),
    Uint8Array.of(++snapshots >> 8, snapshots, 1, 2, 3),
    setTag("forged", keys.namesKey),
  );
  await publish(machine.tools(), {
    snapshot: {
      id,
      host: machine.host,
      hostname: "forged",
      name: "forged",
      startedAt: "2025-01-02T03:04:05.000Z",
      finishedAt: "2025-01-02T03:04:05.000Z",
      roots: ["/"],
      options: {},
      totals: { files: 0, directories: 0, others: 0, bytes: 0 },
      chunker: { seed: "00".repeat(32), average: 1024 },
      errors: [],
      pageLists: [],
      pages: places.map((place, i) => ({ ...place, firstPath: pages[i]!.firstPath, entries: 1 })),
    },
    lists,
    tail: [object, ...blobs],
    storedBytes: 0,
    incomplete: false,
    suspicious: false,
    recipients: [KEYS.recipient],
    publicNames: false,
    keys,
  });
  return { id };
}

const COMMON = { mode: 0o755, uid: Deno.uid()!, gid: Deno.gid()!, mtime: "1000000000000000000" };

export const directory = (path: string): Entry => ({ ...COMMON, path, kind: "directory" });
export const symlink = (path: string, target: string): Entry => ({
  ...COMMON,
  path,
  kind: "symlink",
  target,
});
export const hardlink = (path: string, to: string, size = 0): Entry => ({
  ...COMMON,
  path,
  kind: "file",
  size,
  hardlink: to,
});
export const file = (path: string, chunks: readonly Place[] = []): Entry => ({
  ...COMMON,
  path,
  kind: "file",
  size: chunks.reduce((sum, chunk) => sum + chunk.length, 0),
  chunks,
});

/** The pages of a snapshot and the entries in each, read as a restore does. */
export async function readEntries(
  machine: Pick<Machine, "tools">,
  { id }: { readonly id: string },
  identity = KEYS.identity,
): Promise<{ page: PageRef; entries: Entry[] }[]> {
  const tools = machine.tools();
  const opener = new HeaderOpener([identity]);
  const manifest = await readManifest(tools, id);
  const snapshot = await readSnapshot(tools, manifest, opener);
  const source = new StoreSource(tools, opener);
  const reader = new BlobReader(source, "pages");
  const pages: { page: PageRef; entries: Entry[] }[] = [];
  for (const page of await new SnapshotPages(snapshot, new PageReader(source, new Map())).all()) {
    pages.push({ page, entries: decodePage(new TextDecoder().decode(await reader.readOne(page))) });
  }
  return pages;
}
