/** How long unused time counts: pieces that come late catch up, a pause does not. */
const CREDIT_SECONDS = 1;

/** Bytes that may go, so many a second. What went beyond is a debt that time pays off; the rate may change at any time. */
export class TokenBucket {
  /** Negative while there is credit. */
  #debtBytes = 0;
  #atMs: number | undefined;

  /** Milliseconds from `nowMs` until the debt is paid at `bytesPerSecond`; `undefined` means that there is no limit. */
  delayMs(nowMs: number, bytesPerSecond: number | undefined): number {
    const elapsedMs = Math.max(0, nowMs - (this.#atMs ?? nowMs));
    this.#atMs = nowMs;
    if (bytesPerSecond === undefined) {
      this.#debtBytes = 0;
      return 0;
    }
    const paid = this.#debtBytes - bytesPerSecond * elapsedMs / 1000;
    this.#debtBytes = Math.max(paid, -CREDIT_SECONDS * bytesPerSecond);
    return Math.max(0, this.#debtBytes / bytesPerSecond * 1000);
  }

  spend(bytes: number): void {
    this.#debtBytes += bytes;
  }
}
