import { fromHex } from "../../base/bytes.ts";
import { sha256Hex } from "../../base/digest.ts";
import { CorruptionError } from "../../base/errors.ts";
import { decompressFrame } from "../../blob/zstd.ts";
import type { Upload } from "../../index/blobs.ts";
import type { Index } from "../../index/index.ts";
import type { HostTools } from "../../read/hosts.ts";
import { pageBlobWriter, type SealOptions } from "./page_blob_writer.ts";

/** Stores again the pages in the lost blobs with these numbers that the index has a copy of: those of the last backups. */
export async function storeKeptPages(
  tools: HostTools,
  index: Index,
  lost: readonly number[],
  options: SealOptions,
): Promise<Upload[]> {
  const uploads: Upload[] = [];
  const writer = pageBlobWriter(tools, options, (upload) => uploads.push(upload));
  const stored = new Set<string>();
  for (const { id, frame, length } of index.pages.within(lost)) {
    if (stored.has(id) || !isSound(id, frame, length)) continue;
    stored.add(id);
    await writer.addFrame(frame, length, fromHex(id));
  }
  await writer.flush();
  return uploads;
}

function isSound(id: string, frame: Uint8Array, length: number): boolean {
  try {
    return sha256Hex(decompressFrame(frame, length)) === id;
  } catch (error) {
    if (error instanceof CorruptionError) return false;
    throw error;
  }
}
