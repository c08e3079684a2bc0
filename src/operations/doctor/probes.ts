import { randomBytes } from "node:crypto";
import { CorruptionError, ExistsError, LockedError, RefusedError, UsageError } from "../../base/errors.ts";
import type { ObjectStore } from "../../store/store.ts";
import type { Tools } from "../../read/tools.ts";
import { probeCondition } from "./condition_probe.ts";
import { type Answer, type Meaning, meaningOf, type Outcome, type Probe } from "./meanings.ts";

export interface ProbeResult extends Meaning {
  readonly probe: Probe;
  readonly answer: Answer;
  /** What the store said, where it said no. */
  readonly detail?: string;
}

/** The same store, used in ways that backups use it in only by configuration. */
export interface ProbeStores {
  /** Uploads everything in parts; `undefined` for stores that know no parts. */
  readonly inParts?: ObjectStore;
  /** Locks what is put for a minute; `undefined` for stores that know no locks. */
  readonly locking?: ObjectStore;
}

/** Beside the backups; each holds a few bytes that mean nothing. */
const FOLDER = "probe";
const OBJECT = `${FOLDER}/object`;
const BYTES = 24;
const SKEW_LIMIT_MS = 60_000;
const WRONG_SHA256 = "0".repeat(64);

const CHECKSUM_NAMES = { sha256: "SHA-256", crc32: "CRC-32", md5: "MD5" };

/** Finds out by doing what the credentials may do and the store can, in this order; removes what it made, where it may. */
export async function probeStore(tools: Tools, stores: ProbeStores): Promise<ProbeResult[]> {
  const probing = new Probing(tools, stores);
  const results: ProbeResult[] = [];
  const probes = probing.probes();
  for (const [probe, ask] of probes) {
    const [answer, detail] = await settle(ask());
    results.push({ probe, answer, detail, ...meaningOf(probe, answer) });
    if (probe === "put" && answer !== "yes") return results;
  }
  return results;
}

class Probing {
  readonly #tools: Tools;
  readonly #stores: ProbeStores;
  readonly #made: string[] = [OBJECT];
  #bytes = new Uint8Array(BYTES);

  constructor(tools: Tools, stores: ProbeStores) {
    this.#tools = tools;
    this.#stores = stores;
  }

  /** Those that the kind of store knows. */
  probes(): [Probe, () => Promise<Outcome>][] {
    const { inParts, locking } = this.#stores;
    return [
      ["put", () => this.#put()],
      ["overwrite", () => this.#overwrite()],
      ["conditional write", () => probeCondition(this.#tools, this.#places)],
      ["list", () => this.#list()],
      ["look", () => this.#look()],
      ["get", () => this.#get()],
      ["checksum", () => this.#checksum()],
      ...this.#once("multipart", inParts),
      ...this.#once("object lock", locking, (name) => this.#locked(locking!, name)),
      ["clock", () => this.#clock()],
      ["delete", () => this.#delete()],
    ];
  }

  /** Create-only, as backups do it. That it is there from an earlier time shows the same right. */
  async #put(): Promise<Outcome> {
    await ignoring(ExistsError, this.#write(this.#tools.store, OBJECT, { createOnly: true }));
    return ["yes"];
  }

  async #overwrite(): Promise<Outcome> {
    await this.#write(this.#tools.store, OBJECT, {});
    return ["yes"];
  }

  async #list(): Promise<Outcome> {
    for await (const { name } of this.#tools.store.list(`${FOLDER}/`, this.#options)) {
      if (name === OBJECT) return ["yes", this.#listingInWords()];
    }
    return ["no", "what was just stored is not listed"];
  }

  async #look(): Promise<Outcome> {
    const size = await this.#tools.store.size(OBJECT, this.#options);
    return size === BYTES ? ["yes"] : ["no", `${OBJECT} has ${size} bytes instead of ${BYTES}`];
  }

  async #get(): Promise<Outcome> {
    const found = await this.#tools.store.get(OBJECT, this.#options);
    return found.length === BYTES ? ["yes"] : ["no", "the bytes are others"];
  }

  /** A store that checks takes nothing, so nothing is left; one that does not is found out by taking it. */
  async #checksum(): Promise<Outcome> {
    const name = `${FOLDER}/checksum-${randomBytes(8).toString("hex")}`;
    const { store, signal } = this.#tools;
    try {
      await store.put(name, new Uint8Array(BYTES), { sha256: WRONG_SHA256, createOnly: true, signal });
    } catch (error) {
      if (error instanceof CorruptionError) return ["yes", this.#checksumInWords()];
      throw error;
    }
    this.#made.push(name);
    return ["no"];
  }

  #listingInWords(): string | undefined {
    const listing = this.#tools.store.abilities?.listing;
    return listing && `by version ${listing.slice(1)} of the listing`;
  }

  #checksumInWords(): string | undefined {
    const { checksum, checksumSeen } = this.#tools.store.abilities ?? {};
    if (checksum === undefined) return undefined;
    const kept = checksum === "none" ? "it keeps none" : `it takes ${CHECKSUM_NAMES[checksum]}`;
    return checksumSeen === undefined ? kept : `${kept}; a better one it answered with ${checksumSeen}`;
  }

  #once(
    probe: Probe,
    store: ObjectStore | undefined,
    seen = (_: string): Promise<Outcome> => Promise.resolve(["yes"]),
  ): [Probe, () => Promise<Outcome>][] {
    if (store === undefined) return [];
    const name = `${FOLDER}/${probe.replace(" ", "-")}`;
    const ask = async (): Promise<Outcome> => {
      this.#made.push(name); // some stores keep what they refuse
      await ignoring(ExistsError, this.#write(store, name, { createOnly: true }));
      return await seen(name);
    };
    return [[probe, ask]];
  }

  /** A store may take a lock and not keep it. */
  async #locked(store: ObjectStore, name: string): Promise<Outcome> {
    const until = await store.locks?.until?.(name, this.#options);
    if (until !== undefined) return ["yes"];
    return [
      "unknown",
      "it took a lock and shows none: it ignores locks, or s3:GetObjectRetention is missing",
    ];
  }

  async #clock(): Promise<Outcome> {
    await ignoring(RefusedError, this.#write(this.#tools.store, OBJECT, {}));
    const now = this.#tools.now().getTime();
    for await (const { name, modified } of this.#tools.store.list(OBJECT, this.#options)) {
      const skewMs = now - modified.getTime();
      if (name !== OBJECT || skewMs > 3600_000) continue;
      return Math.abs(skewMs) <= SKEW_LIMIT_MS
        ? ["yes"]
        : ["no", `they differ by ${Math.round(skewMs / 1000)} s`];
    }
    return ["unknown"];
  }

  async #delete(): Promise<Outcome> {
    const [answer, said] = await settle(this.#remove(OBJECT));
    const others = this.#made.filter((name) => name !== OBJECT);
    const { store } = this.#tools;
    const left = others.length === 0 ? [] : await store.removeMany?.(others, this.#options);
    for (const name of left?.map(({ name }) => name) ?? others) await settle(this.#remove(name));
    return [answer, said ?? this.#removalInWords()];
  }

  #removalInWords(): string | undefined {
    const { seen, said } = this.#tools.store.abilities?.manyRemovals ?? {};
    if (seen === "yes") return "many objects by one request";
    return seen === "no" ? `each by a request of its own: to one for many it answered ${said}` : undefined;
  }

  async #remove(name: string): Promise<Outcome> {
    await this.#tools.store.remove(name, this.#options);
    return ["yes"];
  }

  async #write(store: ObjectStore, name: string, options: { readonly createOnly?: boolean }): Promise<void> {
    this.#bytes = new Uint8Array(randomBytes(BYTES));
    await store.put(name, this.#bytes, { ...options, ...this.#options });
  }

  get #places() {
    return { object: OBJECT, racing: `${FOLDER}/race`, made: this.#made };
  }

  get #options() {
    return { signal: this.#tools.signal };
  }
}

/** A refusal is an answer; that the store cannot do it is one; that it does not answer is none. */
async function settle(asked: Promise<Outcome>): Promise<Outcome> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof RefusedError) {
      return [error instanceof LockedError ? "no" : "refused", error.message];
    }
    if (error instanceof UsageError || error instanceof CorruptionError) return ["no", error.message];
    throw error;
  }
}

async function ignoring(Class: new () => Error, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof Class)) throw error;
  }
}
