import { fromHex } from "../../src/base/bytes.ts";
import type { Upload } from "../../src/index/blobs.ts";
import { Index } from "../../src/index/index.ts";
import type { NewPage } from "../../src/index/known_page.ts";
import type { BlobKind } from "../../src/model/names.ts";

/** Runs `work` with the path of an index that is not there yet, in a directory of its own. */
export async function withPath(work: (path: string) => void | Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "vaultik-index-" });
  try {
    await work(`${directory}/state/index.sqlite`);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

export function withIndex(work: (index: Index, path: string) => void): Promise<void> {
  return withPath((path) => {
    using index = new Index(path);
    work(index, path);
  });
}

/** An id made of one byte. */
export const idOf = (byte: number) => byte.toString(16).padStart(2, "0").repeat(32);

export interface PlacedChunk {
  readonly id: string;
  readonly offset: number;
  readonly length: number;
}

export function uploadOf(id: string, kind: BlobKind, chunks: readonly PlacedChunk[], size = 1000): Upload {
  const packed = new Uint8Array(chunks.length * 40);
  const view = new DataView(packed.buffer);
  chunks.forEach(({ id, offset, length }, i) => {
    packed.set(fromHex(id), i * 40);
    view.setUint32(i * 40 + 32, offset, true);
    view.setUint32(i * 40 + 36, length, true);
  });
  return { id, kind, size, chunks: packed };
}

export function pageOf(firstPath: string, lastPath: string, change: Partial<NewPage> = {}): NewPage {
  return {
    firstPath,
    lastPath,
    id: idOf(0x11),
    length: 100,
    entries: 10,
    files: 7,
    directories: 2,
    bytes: 2 ** 40,
    blobs: [1, 70_000],
    links: [],
    stamps: new TextEncoder().encode(`stamps of ${firstPath}`),
    frame: new TextEncoder().encode(`frame of ${firstPath}`),
    ...change,
  };
}
