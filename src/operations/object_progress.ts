import type { Progress, Report } from "../report/events.ts";

const EVERY_MS = 100;

/** One more object that is done. */
export interface ObjectDone {
  /** Of the object. */
  readonly bytes?: number;
  /** Those of them that came from the store. */
  readonly bytesFetched?: number;
  readonly isFault?: boolean;
}

/** Tells how far work on objects or files is, one after the other, at most ten times a second. */
export class ObjectProgress {
  readonly #tools: { readonly report: Report; readonly now: () => Date };
  readonly #stage: Progress["stage"];
  readonly #total: { readonly objects: number; readonly bytes: number } | undefined;
  #objects = 0;
  #bytes = 0;
  #bytesFetched = 0;
  #errors = 0;
  #path: string | undefined;
  #shownMs = -Infinity;

  /** `total`: where it is known how much there is to do. */
  constructor(
    tools: { readonly report: Report; readonly now: () => Date },
    stage: Progress["stage"],
    total?: { readonly objects: number; readonly bytes: number },
  ) {
    this.#tools = tools;
    this.#stage = stage;
    this.#total = total;
  }

  /** What is at hand now. */
  begin(path: string): void {
    this.#path = path;
    this.#tell();
  }

  add({ bytes = 0, bytesFetched = 0, isFault = false }: ObjectDone = {}): void {
    this.#objects++;
    this.#bytes += bytes;
    this.#bytesFetched += bytesFetched;
    if (isFault) this.#errors++;
    this.#tell();
  }

  #tell(): void {
    const nowMs = this.#tools.now().getTime();
    if (nowMs - this.#shownMs < EVERY_MS) return;
    this.#shownMs = nowMs;
    const { objects, bytes } = this.#total ?? { objects: this.#objects, bytes: this.#bytes };
    this.#tools.report({
      kind: "progress",
      progress: {
        stage: this.#stage,
        entriesDone: this.#objects,
        entriesFound: objects,
        bytesDone: this.#bytes,
        bytesFound: bytes,
        allKnown: this.#total !== undefined,
        ...this.#path === undefined ? {} : { path: this.#path },
        bytesTransferred: this.#bytesFetched,
        errors: this.#errors,
      },
    });
  }
}
