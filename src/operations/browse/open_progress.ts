const OPENED = 0;
const VERDICT = 1;
const CELLS = 2;
/** In the place of bytes: no more come. */
const GIVEN_UP = -1;
const RIGHT = 1;
const WRONG = 2;
/** Who hears nothing for so long is alone. */
const PATIENCE_MS = 1000;

/** What two threads tell each other by shared memory while one opens a frame and the other hashes what is opened; for one frame. */
export class OpenProgress {
  readonly memory: SharedArrayBuffer;
  readonly #cells: Int32Array<SharedArrayBuffer>;

  /** Of another thread, where its `memory` is given. */
  constructor(memory = new SharedArrayBuffer(CELLS * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#cells = new Int32Array(memory);
  }

  /** The first so many bytes of the frame are there. */
  opened(bytes: number): void {
    this.#tell(OPENED, bytes);
  }

  /** No more will be there. */
  giveUp(): void {
    this.#tell(OPENED, GIVEN_UP);
  }

  /** How many bytes of the frame are there, as soon as that are more than `bytes`; `undefined` where they do not come. */
  moreThan(bytes: number): number | undefined {
    const opened = this.#other(OPENED, bytes);
    return opened === GIVEN_UP ? undefined : opened;
  }

  judge(isRight: boolean): void {
    this.#tell(VERDICT, isRight ? RIGHT : WRONG);
  }

  /** What {@link judge} said, as soon as it did; `undefined` where it does not. Stops this thread until then. */
  verdict(): boolean | undefined {
    const verdict = this.#other(VERDICT, 0);
    return verdict === undefined ? undefined : verdict === RIGHT;
  }

  #tell(cell: number, value: number): void {
    Atomics.store(this.#cells, cell, value);
    Atomics.notify(this.#cells, cell);
  }

  /** Another value than this, as soon as there is one. */
  #other(cell: number, value: number): number | undefined {
    let found = value;
    // Who is woken may find what was there before.
    while (found === value && Atomics.wait(this.#cells, cell, value, PATIENCE_MS) !== "timed-out") {
      found = Atomics.load(this.#cells, cell);
    }
    return found === value ? undefined : found;
  }
}
