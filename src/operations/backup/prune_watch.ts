import { append } from "../../base/append.ts";
import { CorruptionError, RefusedError, UsageError } from "../../base/errors.ts";
import { PRUNE_PREFIX } from "../../model/names.ts";
import { type PruneRecord, sha256OfRecord } from "../../model/prune_record.ts";
import type { Tools } from "../options.ts";
import { readRecord } from "../prune/records.ts";
import type { Thread } from "../thread.ts";
import { type Looks, REFUSED } from "./looks.ts";

/** A snapshot needs what a prune has condemned: it is to be made anew, with that stored again. */
export class CondemnedError extends Error {
  override readonly name = "CondemnedError";
}

/** What the index remembers of the records in `prune/`. */
export interface SeenRecords {
  /** Those of the last look; `undefined` where it never looked. */
  readonly names: readonly string[] | undefined;
}

/**
 * Looks at what prunes have condemned, so that no manifest names it. The index forgets what is condemned: it is never used again, also
 * where it is still there. One listing, and each record is read once.
 */
export class PruneWatch {
  readonly #tools: Tools;
  readonly #looks: Looks;
  readonly #index: Pick<Thread, "call">;

  constructor(tools: Tools, looks: Looks, index: Pick<Thread, "call">) {
    this.#tools = tools;
    this.#looks = looks;
    this.#index = index;
  }

  /** To be called while the index knows no blob: all that was condemned so far is nothing to it. */
  async begin(): Promise<void> {
    const names = await this.#names();
    if (names !== REFUSED) await this.#index.call("noteRecords", names);
  }

  /**
   * To be called between announcing a snapshot and writing its manifest. Throws {@link CondemnedError} where one of the blobs in `needed`
   * must not be named. `blind` where the credentials let nobody look.
   */
  async look(needed: ReadonlySet<string>): Promise<"seen" | "blind"> {
    const names = await this.#names();
    if (names === REFUSED) return "blind";
    const { names: seen } = await this.#index.call<SeenRecords>("seenRecords");
    const gone = hasMissed(names, seen) ? await this.#missing() : [];
    for (const name of names) {
      if (seen?.includes(name)) continue;
      const record = await this.#read(name);
      if (record === undefined) return await this.look(needed);
      append(gone, await this.#index.call<string[]>("condemn", record));
    }
    await this.#index.call("noteRecords", names);
    if (gone.some((id) => needed.has(id))) throw new CondemnedError();
    return "seen";
  }

  async #names(): Promise<string[] | typeof REFUSED> {
    const listed = await this.#looks.list(PRUNE_PREFIX);
    return listed === REFUSED
      ? REFUSED
      : [...listed.keys()].filter((name) => sha256OfRecord(name) !== undefined);
  }

  /** Blobs of the index that the store lacks. */
  async #missing(): Promise<string[]> {
    return await this.#index.call<string[]>("reconcile", await this.#looks.storedBlobs());
  }

  /** `undefined` where it has gone since it was listed. */
  async #read(name: string): Promise<PruneRecord | undefined> {
    try {
      const record = await readRecord(this.#tools, name);
      if (record !== "damaged") return record;
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      throw new UsageError(
        `Cannot read "${name}": the credentials may not; in a store that is pruned they must be allowed to read prune/`,
        { cause: error },
      );
    }
    throw new CorruptionError(
      `Cannot tell what "${name}" condemns: it is damaged; vaultik prune on the machine that prunes removes it`,
    );
  }
}

/** Records go oldest first, and the newest never: while one that was seen is there, none has come and gone since. */
function hasMissed(names: readonly string[], seen: readonly string[] | undefined): boolean {
  if (names.length === 0 && (seen === undefined || seen.length === 0)) return false;
  return !names.some((name) => seen?.includes(name));
}
