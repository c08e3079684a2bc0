import { RefusedError } from "../../base/errors.ts";
import { CONTENT_KINDS, type ContentKind, contentName } from "../../model/names.ts";
import type { ObjectLocks } from "../../store/store.ts";
import type { Tools } from "../../read/tools.ts";
import type { Remote } from "../../threads/rpc.ts";
import type { IndexApi } from "./messages.ts";

/** Requests at a time. */
const RENEWALS_AT_ONCE = 8;

/** Less than what is stored is locked for: the store counts from when a PUT began, the index from when it ended. */
const MARGIN_MS = 3600 * 1000;

/** For how long after its end a PUT of now is known to be locked; `undefined` where the store does not lock. */
export function lockedMs({ store, now }: Tools): number | undefined {
  const time = now();
  return store.locks && Math.max(0, store.locks.end(time).getTime() - time.getTime() - MARGIN_MS);
}

/** A blob, or a list. */
export type Lockable = readonly [kind: ContentKind, id: string, ...rest: readonly unknown[]];

/** Of the index, what it is asked about locks. */
export type LockNotes = Pick<IndexApi, "lockedBefore" | "locked" | "forgetLocks">;

/**
 * Sees to it that all blobs and lists of a snapshot stay locked as long as the snapshot itself, which is stored now. Credentials that may not
 * lock get a warning: the backup is whole, and not as safe as it should be.
 */
export class LockKeeper {
  readonly #tools: Tools;
  readonly #index: Remote<LockNotes>;
  readonly #locks: ObjectLocks | undefined;

  constructor(tools: Tools, index: Remote<LockNotes>) {
    this.#tools = tools;
    this.#index = index;
    this.#locks = tools.store.locks;
  }

  async renew(objects: readonly Lockable[]): Promise<void> {
    if (this.#locks === undefined) return;
    const now = this.#tools.now();
    const untilMs = this.#locks.needed(now).getTime();
    try {
      for (const kind of CONTENT_KINDS) {
        const ids = await this.#index.lockedBefore({ ids: idsOf(kind, objects), untilMs });
        await this.#renewAll(kind, ids, this.#locks.end(now));
      }
      await this.#index.forgetLocks(now.getTime());
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      this.#tools.report({
        kind: "warning",
        text: `Older blobs of the snapshot are not locked: ${error.message}`,
      });
    }
  }

  async #renewAll(kind: ContentKind, ids: readonly string[], until: Date): Promise<void> {
    const { signal } = this.#tools;
    for (let at = 0; at < ids.length; at += RENEWALS_AT_ONCE) {
      const some = ids.slice(at, at + RENEWALS_AT_ONCE);
      await Promise.all(some.map((id) => this.#locks!.renew(contentName(kind, id), until, { signal })));
      await this.#index.locked({ ids: some, untilMs: until.getTime() });
    }
  }
}

function idsOf(kind: ContentKind, objects: readonly Lockable[]): string[] {
  return objects.filter(([one]) => one === kind).map(([, id]) => id);
}
