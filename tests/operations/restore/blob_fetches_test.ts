import assert from "node:assert/strict";
import { BlobFetches } from "../../../src/operations/restore/blob_fetches.ts";
import type { StoreSource } from "../../../src/read/store_source.ts";

const MIB = 1 << 20;
const BLOB = { name: "blobs/1", offset: 0, length: 8 * MIB };

/** Fetches over 16 connections for two threads, into memory for eight blobs; `requests` counts those of the last blob. */
class Scene implements Disposable {
  requests = 0;
  readonly #fetches: BlobFetches;
  readonly #held: Uint8Array[] = [];

  constructor() {
    const source = {
      fetch: (_name: string, _offset: number, _length: number, into: Uint8Array) => {
        this.requests++;
        return Promise.resolve(into);
      },
    };
    this.#fetches = new BlobFetches(source as unknown as StoreSource, { connections: 16, threads: 2 });
    this.#fetches.allot(64 * MIB);
  }

  /** Requests for one blob more, which a thread has from then on. */
  async borrow(): Promise<number> {
    this.requests = 0;
    this.#held.push(await this.#fetches.handlers.borrow(BLOB) as Uint8Array);
    return this.requests;
  }

  /** A thread is done with the oldest. */
  giveBack(): void {
    this.#fetches.handlers.giveBack(this.#held.shift()!);
  }

  [Symbol.dispose](): void {
    this.#fetches[Symbol.dispose]();
  }
}

Deno.test("while threads wait for blobs each comes in pieces, over all connections", async () => {
  using scene = new Scene();
  for (let i = 0; i < 20; i++) {
    assert.equal(await scene.borrow(), 3);
    scene.giveBack();
  }
});

Deno.test("after four blobs that came while every thread had one, a blob is one request, until a thread waits", async () => {
  using scene = new Scene();
  assert.deepEqual([await scene.borrow(), await scene.borrow()], [3, 3]);
  for (let inTime = 0; inTime < 4; inTime++) {
    assert.equal(await scene.borrow(), 3);
    scene.giveBack();
  }
  for (let i = 0; i < 10; i++) {
    assert.equal(await scene.borrow(), 1);
    scene.giveBack();
  }
  scene.giveBack();
  assert.equal(await scene.borrow(), 1, "asked for before it was seen that a thread waits");
  assert.equal(await scene.borrow(), 3);
});

Deno.test("blobs in time that are not four in a row are chance", async () => {
  using scene = new Scene();
  await scene.borrow();
  for (let i = 0; i < 10; i++) {
    for (let inTime = 0; inTime < 4; inTime++) assert.equal(await scene.borrow(), 3);
    for (let held = 0; held < 4; held++) scene.giveBack();
  }
});
