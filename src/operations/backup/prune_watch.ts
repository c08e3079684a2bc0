import { append } from "../../base/append.ts";
import { RefusedError, UsageError } from "../../base/errors.ts";
import { PRUNE_PREFIX } from "../../model/names.ts";
import { type PruneRecord, sha256OfRecord } from "../../model/prune_record.ts";
import type { HostTools } from "../../read/hosts.ts";
import { readRecord } from "../prune/records.ts";
import type { Remote } from "../../threads/rpc.ts";
import type { IndexApi } from "./messages.ts";
import { type Looks, REFUSED } from "./looks.ts";

/** A snapshot needs what a prune has marked for deletion: it is to be made again, with that stored again. */
export class MarkedError extends Error {
  override readonly name = "MarkedError";
}

/** Of the index, what it is asked about marks. */
export type MarkNotes = Pick<IndexApi, "seenRecords" | "noteRecords" | "forgetMarked" | "reconcile">;

/**
 * Looks at what prunes have marked for deletion, so that no manifest names it. The index forgets what is marked for deletion: it is never used again, also
 * where it is still there. One listing, and each record is read once.
 */
export class PruneWatch {
  readonly #tools: HostTools;
  readonly #looks: Looks;
  readonly #index: Remote<MarkNotes>;

  constructor(tools: HostTools, looks: Looks, index: Remote<MarkNotes>) {
    this.#tools = tools;
    this.#looks = looks;
    this.#index = index;
  }

  /** To be called while the index knows no blob: all that was marked for deletion so far is nothing to it. */
  async begin(): Promise<void> {
    const names = await this.#names();
    if (names !== REFUSED) await this.#index.noteRecords(names);
  }

  /**
   * To be called between announcing a snapshot and writing its manifest. Throws {@link MarkedError} where one of the blobs in `needed`
   * must not be named. `blind` where not everything that is marked can be known: what can be is not named all the same.
   */
  async look(needed: ReadonlySet<string>): Promise<"seen" | "blind"> {
    const gone: string[] = [];
    for (;;) {
      const looked = await this.#lookOnce(gone);
      if (looked === "changed") continue;
      if (gone.some((id) => needed.has(id))) throw new MarkedError();
      return looked;
    }
  }

  /** Adds to `gone` what the index forgets. `changed` where a record went meanwhile. */
  async #lookOnce(gone: string[]): Promise<"seen" | "blind" | "changed"> {
    const names = await this.#names();
    if (names === REFUSED) return "blind";
    const { names: seen } = await this.#index.seenRecords();
    if (hasMissed(names, seen)) append(gone, await this.#missing());
    let isBlind = false;
    for (const name of names) {
      if (seen?.includes(name)) continue;
      const record = await this.#read(name);
      if (record === undefined) return "changed";
      if (record === REFUSED) return "blind";
      if (record === "unknown") isBlind = true;
      else append(gone, await this.#index.forgetMarked(record));
    }
    if (isBlind) return "blind";
    await this.#index.noteRecords(names);
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
    return await this.#index.reconcile(await this.#looks.storedBlobs());
  }

  /** `undefined` where it has gone since it was listed, `unknown` where it is damaged or newer than this program. */
  async #read(name: string): Promise<PruneRecord | "unknown" | typeof REFUSED | undefined> {
    try {
      const record = await readRecord(this.#tools, name);
      if (record !== "damaged") return record;
      this.#warn(name, "is damaged: until vaultik prune has removed it");
    } catch (error) {
      if (error instanceof RefusedError) {
        this.#warn(name, "may not be read: until the credentials may read prune/");
        return REFUSED;
      }
      if (!(error instanceof UsageError)) throw error;
      this.#warn(name, "was made by a newer Vaultik: until this one is upgraded");
    }
    return "unknown";
  }

  #warn(name: string, why: string): void {
    const text = `"${this.#tools.store.location}/${name}" ${why}, nothing of this host is deleted`;
    this.#tools.report({ kind: "warning", text });
  }
}

/** Records go oldest first, and the newest never: while one that was seen is there, none has come and gone since. */
function hasMissed(names: readonly string[], seen: readonly string[] | undefined): boolean {
  if (names.length === 0 && (seen === undefined || seen.length === 0)) return false;
  return !names.some((name) => seen?.includes(name));
}
