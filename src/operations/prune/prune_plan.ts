import { IdSet } from "../../base/id_set.ts";
import { CONTENT_KINDS, type ContentKind, contentName } from "../../model/names.ts";

// What a prune would do and why: pure, it touches neither store nor clock.

/** Ids by kind of object. */
export type IdsByKind = Readonly<Record<ContentKind, IdSet>>;

export function noIds(): IdsByKind {
  return { pages: new IdSet(), blobs: new IdSet(), lists: new IdSet() };
}

/** A blob as a listing shows it. */
export interface ListedBlob {
  readonly kind: ContentKind;
  readonly id: string;
  readonly sizeBytes: number;
  readonly modified: Date;
}

export interface PruneFacts {
  /** By the store's clock. */
  readonly now: Date;
  /** How long a blob must have been there, and then marked. With 0 no one else may be writing. */
  readonly graceMs: number;
  /** What is younger is not deleted: a storage class may bill for the whole of it. */
  readonly minAgeMs: number;
  /** What manifests name. */
  readonly named: IdsByKind;
  /** Names of objects that are known to be gone. */
  readonly lost: ReadonlySet<string>;
  /** What was marked at least a grace time ago, and what since. */
  readonly due: IdsByKind;
  readonly waiting: IdsByKind;
}

export type KeptReason =
  | "named by a snapshot"
  | "marked for deletion"
  | "younger than the grace time"
  | "younger than the least age";

export interface Amount {
  readonly objects: number;
  readonly bytes: number;
}

export interface PrunePlan {
  /** No snapshot names them, and a prune has marked them long enough ago. */
  readonly remove: IdsByKind;
  /** No snapshot names them: the next prune after the grace time may delete them. */
  readonly mark: IdsByKind;
  readonly removed: Amount;
  readonly marked: Amount;
  readonly kept: Readonly<Partial<Record<KeptReason, Amount>>>;
  /** Names of objects that a snapshot needs and the store lacks. While there are any, nothing is deleted. */
  readonly missing: readonly string[];
}

/** Takes the blobs of a store one by one, and then says what to do. */
export class PrunePlanner {
  readonly #facts: PruneFacts;
  readonly #seen: Record<ContentKind, Uint8Array>;
  readonly #remove = noIds();
  readonly #mark = noIds();
  readonly #amounts = new Map<KeptReason | "remove" | "mark", { objects: number; bytes: number }>();

  constructor(facts: PruneFacts) {
    this.#facts = facts;
    const { pages, blobs, lists } = facts.named;
    this.#seen = {
      pages: new Uint8Array(pages.size),
      blobs: new Uint8Array(blobs.size),
      lists: new Uint8Array(lists.size),
    };
  }

  add(blob: ListedBlob): void {
    const what = this.#decide(blob);
    this.#count(what, blob);
    if (what === "mark") {
      this.#mark[blob.kind].addText(blob.id);
      if (this.#facts.graceMs > 0) return;
      this.#count("remove", blob);
    } else if (what !== "remove") return;
    this.#remove[blob.kind].addText(blob.id);
  }

  plan(): PrunePlan {
    const { remove: removed, mark: marked, ...kept } = Object.fromEntries(this.#amounts);
    const none = { objects: 0, bytes: 0 };
    return {
      remove: this.#remove,
      mark: this.#mark,
      removed: removed ?? none,
      marked: marked ?? none,
      kept,
      missing: CONTENT_KINDS.flatMap((kind) => [...this.#missing(kind)]),
    };
  }

  #count(what: KeptReason | "remove" | "mark", { sizeBytes }: ListedBlob): void {
    const amount = this.#amounts.get(what) ?? { objects: 0, bytes: 0 };
    this.#amounts.set(what, amount);
    amount.objects++;
    amount.bytes += sizeBytes;
  }

  #decide({ kind, id, modified }: ListedBlob): KeptReason | "remove" | "mark" {
    const { named, due, waiting, now, graceMs, minAgeMs } = this.#facts;
    const position = named[kind].find(id);
    if (position >= 0) {
      this.#seen[kind][position] = 1;
      return "named by a snapshot";
    }
    const ageMs = now.getTime() - modified.getTime();
    if (due[kind].has(id)) return "remove";
    if (waiting[kind].has(id)) return "marked for deletion";
    if (ageMs < graceMs) return "younger than the grace time";
    return ageMs < minAgeMs ? "younger than the least age" : "mark";
  }

  *#missing(kind: ContentKind): Generator<string> {
    const seen = this.#seen[kind];
    for (let position = seen.indexOf(0); position >= 0; position = seen.indexOf(0, position + 1)) {
      const name = contentName(kind, this.#facts.named[kind].hex(position));
      if (!this.#facts.lost.has(name)) yield name;
    }
  }
}
