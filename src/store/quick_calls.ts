/** A call that took longer has waited for a disk or a server. */
const SLOW_MS = 0.2;
/** After such a one so many are made where they may wait side by side; twice as many each time, until one is quick again. */
const ELSEWHERE_MIN = 16;
const ELSEWHERE_MAX = 1024;
/** So often a call is made elsewhere all the same, and what else this thread has to do comes first. */
const TURN_MS = 5;

/**
 * Calls to a file system. What the system has in memory it gives in microseconds, and to have another thread ask for it takes ten times as
 * long: so a call is made on this thread as long as none has to wait.
 */
export class QuickCalls {
  readonly #now: () => number;
  #elsewhere = 0;
  #next = ELSEWHERE_MIN;
  #turnAt = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** What `here` gives, or `elsewhere`, which does the same on another thread. */
  make<T>(here: () => T, elsewhere: () => Promise<T>): T | Promise<T> {
    const start = this.#now();
    if (this.#elsewhere > 0 || start - this.#turnAt > TURN_MS) {
      if (this.#elsewhere > 0) this.#elsewhere--;
      this.#turnAt = start;
      return elsewhere();
    }
    try {
      return here();
    } finally {
      this.#note(this.#now() - start > SLOW_MS);
    }
  }

  #note(isSlow: boolean): void {
    if (isSlow) this.#elsewhere = this.#next;
    this.#next = isSlow ? Math.min(2 * this.#next, ELSEWHERE_MAX) : ELSEWHERE_MIN;
  }
}
