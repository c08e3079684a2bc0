import { sha256Hex } from "../base/digest.ts";
import { makeDirectoryDurably, writeDurably } from "../platform/durable_file.ts";
import type { S3Location } from "./s3_client.ts";
import { isRegion } from "./s3_faults.ts";
import { type Checksum, CHECKSUMS } from "./s3_checksum.ts";

/**
 * What a store was seen to do, where it takes a refused request to find that out. Whether it has conditional writes is none of it: that
 * decides what may be overwritten, and is looked at by each run.
 */
export interface KnownAbilities {
  readonly checksum: Checksum;
  /** What it answered to a better one. */
  readonly checksumSeen?: string;
  readonly listing: "v2" | "v1";
  /** What it answered to one request for the removal of many objects, where it does not do that. */
  readonly manyRemovals?: string;
  /** Where the bucket is, if not in the region of the configuration. */
  readonly region?: string;
}

/** What any store is taken to do. */
export const BEST: KnownAbilities = { checksum: "sha256", listing: "v2" };

/** After so long it is found out again: stores learn. */
const KEPT_MS = 7 * 24 * 3_600_000;
const PRIVATE_DIRECTORY = 0o700;
const SAID_LETTERS = 300;

/** Keeps what one store was seen to do, in a file of this machine. Whatever goes wrong with it costs some requests, no more. */
export class AbilityNotes {
  readonly #directory: string;
  readonly #path: string;
  readonly #now: () => number;

  constructor(directory: string, location: S3Location, now: () => number = Date.now) {
    const { endpoint, bucket, region, accessKeyId, objectLock } = location;
    const key = sha256Hex(
      new TextEncoder().encode(JSON.stringify([endpoint, bucket, region, accessKeyId, objectLock?.mode])),
    );
    this.#directory = directory;
    this.#path = `${directory}/store-${key.slice(0, 32)}.json`;
    this.#now = now;
  }

  /** `undefined` where nothing is kept, or nothing that is new enough. */
  read(): KnownAbilities | undefined {
    try {
      const { seenMs, ...known } = JSON.parse(Deno.readTextFileSync(this.#path));
      const ageMs = this.#now() - seenMs;
      return ageMs >= 0 && ageMs < KEPT_MS && isKnown(known) ? known : undefined;
    } catch {
      return undefined;
    }
  }

  write(known: KnownAbilities): void {
    try {
      makeDirectoryDurably(this.#directory, { mode: PRIVATE_DIRECTORY });
      writeDurably(this.#path, JSON.stringify({ seenMs: this.#now(), ...known }), { replace: true });
    } catch {
      // A full disk, or a directory of someone else: then the next run finds it out again.
    }
  }
}

function isKnown(value: Record<string, unknown>): value is Record<string, unknown> & KnownAbilities {
  const { checksum, checksumSeen, listing, manyRemovals, region } = value;
  return (CHECKSUMS as readonly unknown[]).includes(checksum) && (listing === "v2" || listing === "v1") &&
    [checksumSeen, manyRemovals].every(isSaid) && (region === undefined || isRegion(region));
}

function isSaid(value: unknown): boolean {
  return value === undefined || (typeof value === "string" && value.length <= SAID_LETTERS);
}
