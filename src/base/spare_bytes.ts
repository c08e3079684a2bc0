import { release } from "./bytes.ts";

/** Memory for one thing after the other: new memory has to be cleared first, and given back to the system. Of one thread. */
export class SpareBytes {
  readonly #most: number;
  #spare: Uint8Array<ArrayBuffer> | undefined;

  /** No more than `most` bytes are kept. */
  constructor(most: number) {
    this.#most = most;
  }

  /** `length` bytes or more with anything in them, which no one else has until they are given back. */
  take(length: number): Uint8Array<ArrayBuffer> {
    const spare = this.#spare;
    if (spare === undefined || spare.length < length) return new Uint8Array(length);
    this.#spare = undefined;
    return spare;
  }

  /** What {@link take} gave, of which no one has a view any more. */
  give(bytes: Uint8Array<ArrayBuffer>): void {
    if (bytes.length > this.#most || bytes.length <= (this.#spare?.length ?? 0)) return release(bytes);
    if (this.#spare !== undefined) release(this.#spare);
    this.#spare = bytes;
  }
}
