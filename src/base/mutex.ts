/** Lets one asynchronous section run at a time, in the order of asking. */
export class Mutex {
  #tail: Promise<void> = Promise.resolve();

  run<T>(section: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(section);
    this.#tail = result.then(() => {}, () => {});
    return result;
  }
}
