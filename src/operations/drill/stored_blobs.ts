import { drawNumbers, type Random } from "../../base/chance.ts";
import { readAhead } from "../../base/read_ahead.ts";
import type { Place } from "../../model/entry.ts";
import { type BlobKind, blobName } from "../../model/names.ts";
import type { HostTools } from "../../read/hosts.ts";
import { ObjectProgress } from "../object_progress.ts";
import type { DrillFindings } from "./findings.ts";
import { type KnownBlob, StatedHashes } from "./stated_hashes.ts";

/** Blobs that are asked about; each is two requests. */
const BLOBS_MAX = 200;
const AT_ONCE = 8;

/**
 * Compares the blobs of these chunks and pages with what the store states: their size, as a listing has it, and their SHA-256. Where the
 * store keeps none, blobs are read and hashed, up to `maxBytes`; nothing is opened.
 */
export async function compareBlobs(
  tools: HostTools,
  places: Readonly<Record<BlobKind, readonly Place[]>>,
  { maxBytes, random }: { readonly maxBytes: number; readonly random: Random },
  findings: DrillFindings,
): Promise<void> {
  const blobs = [...blobsOf("pages", places.pages), ...blobsOf("blobs", places.blobs)];
  const drawn = drawNumbers(blobs.length, BLOBS_MAX, random).map((i) => blobs[i]!);
  const hashes = new StatedHashes(tools, maxBytes);
  const progress = new ObjectProgress(tools, "objects", { objects: drawn.length, bytes: 0 });
  const compare = async (blob: KnownBlob) => {
    findings.objects++;
    const fault = await sizeFault(tools, blob) ?? await hashes.fault(blob);
    if (fault !== undefined) findings.problem(blobName(blob.kind, blob.id), fault);
    progress.add({ isFault: fault !== undefined });
  };
  for await (const _ of readAhead(drawn, AT_ONCE, compare));
  if (!hashes.isRefused) return;
  const text = `these credentials may not ask ${tools.store.location} for checksums (s3:GetObject): ` +
    "blobs were compared by their size alone";
  tools.report({ kind: "note", text });
}

function blobsOf(kind: BlobKind, places: readonly Place[]): KnownBlob[] {
  const sizes = new Map(places.map(({ blob, blobSize }) => [blob, blobSize]));
  return [...sizes].map(([id, size]) => ({ kind, id, size }));
}

async function sizeFault(
  { store, signal }: HostTools,
  { kind, id, size }: KnownBlob,
): Promise<string | undefined> {
  const name = blobName(kind, id);
  for await (const found of store.list(name, { signal })) {
    if (found.name !== name) continue;
    return found.size === size ? undefined : `has ${found.size} bytes instead of ${size}`;
  }
  return "is missing";
}
