import { drawNumbers, type Random } from "../../base/chance.ts";
import { sha256Hex } from "../../base/digest.ts";
import { NotFoundError, RefusedError } from "../../base/errors.ts";
import { readAhead } from "../../base/read_ahead.ts";
import type { Place } from "../../model/entry.ts";
import { blobName } from "../../model/names.ts";
import type { HostTools } from "../hosts.ts";
import type { DrillFindings } from "./findings.ts";

/** Blobs that are asked about; each is two requests. */
const BLOBS_MAX = 200;
const AT_ONCE = 8;

/**
 * Compares the blobs of these chunks with what the store states: their size, as a listing has it, and their SHA-256. Where the store keeps
 * none, blobs are read and hashed, up to `maxBytes`; nothing is opened.
 */
export async function compareBlobs(
  tools: HostTools,
  chunks: readonly Place[],
  { maxBytes, random }: { readonly maxBytes: number; readonly random: Random },
  findings: DrillFindings,
): Promise<void> {
  const sizes = [...new Map(chunks.map(({ blob, blobSize }) => [blob, blobSize]))];
  const drawn = drawNumbers(sizes.length, BLOBS_MAX, random).map((i) => sizes[i]);
  const hashes = new StatedHashes(tools, maxBytes);
  const compare = async ([id, size]: readonly [string, number]) => {
    findings.objects++;
    const fault = await sizeFault(tools, id, size) ?? await hashes.fault(id, size);
    if (fault !== undefined) findings.problem(blobName("blobs", id), fault);
  };
  for await (const _ of readAhead(drawn, AT_ONCE, compare));
  if (!hashes.isRefused) return;
  const text = `these credentials may not ask ${tools.store.location} for checksums (s3:GetObject): ` +
    "blobs were compared by their size alone";
  tools.report({ kind: "note", text });
}

async function sizeFault(
  { store, signal }: HostTools,
  id: string,
  size: number,
): Promise<string | undefined> {
  const name = blobName("blobs", id);
  for await (const found of store.list(name, { signal })) {
    if (found.name !== name) continue;
    return found.size === size ? undefined : `has ${found.size} bytes instead of ${size}`;
  }
  return "is missing";
}

/** What the store says that the bytes of blobs are. */
class StatedHashes {
  readonly #tools: HostTools;
  #bytesLeft: number;
  isRefused = false;

  constructor(tools: HostTools, maxBytes: number) {
    this.#tools = tools;
    this.#bytesLeft = maxBytes;
  }

  /** What is wrong with a blob; `undefined` also where no one can tell. */
  async fault(id: string, size: number): Promise<string | undefined> {
    if (this.isRefused) return undefined;
    try {
      const sha256 = await this.#stated(id) ?? await this.#read(id, size);
      if (sha256 === undefined || sha256 === id) return undefined;
      return `is damaged: its bytes have the SHA-256 ${sha256}`;
    } catch (error) {
      if (error instanceof NotFoundError) return "is missing";
      if (!(error instanceof RefusedError)) throw error;
      this.isRefused = true;
      return undefined;
    }
  }

  async #stated(id: string): Promise<string | undefined> {
    const { store, signal } = this.#tools;
    return await store.statedSha256?.(blobName("blobs", id), { signal });
  }

  async #read(id: string, size: number): Promise<string | undefined> {
    if (size > this.#bytesLeft) return undefined;
    this.#bytesLeft -= size;
    const { store, signal } = this.#tools;
    return sha256Hex(await store.get(blobName("blobs", id), { signal, maxBytes: size }));
  }
}
