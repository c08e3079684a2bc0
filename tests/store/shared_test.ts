import assert from "node:assert/strict";
import { BusyError, CorruptionError } from "../../src/base/errors.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import { SharedStore } from "../../src/store/shared.ts";
import type { GetOptions } from "../../src/store/store.ts";
import { noise, sha256, text } from "./objects.ts";

const MIB = 1 << 20;

/** Counts what is asked of it at a time, and can be asked too much. */
class WatchedStore extends MemoryStore {
  readonly lengths: (number | undefined)[] = [];
  open = 0;
  most = 0;
  isBusy = false;

  override async get(name: string, options: GetOptions = {}): Promise<Uint8Array> {
    this.lengths.push(options.range?.length);
    this.most = Math.max(this.most, ++this.open);
    try {
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (this.isBusy) throw new BusyError("slow down");
      return await super.get(name, options);
    } finally {
      this.open--;
    }
  }
}

Deno.test("a large range comes in pieces, several at a time, and whole", async () => {
  const inner = new WatchedStore();
  const large = noise(70 * MIB);
  await inner.put("a", large);
  await using store = new SharedStore(inner, 3);
  const range = { offset: 5, length: 65 * MIB + 1 };
  const read = await store.get("a", { range });
  assert.equal(sha256(read), sha256(large.subarray(5, 5 + range.length)));
  assert.deepEqual(inner.lengths, [16 * MIB, 16 * MIB, 16 * MIB, 16 * MIB, MIB + 1]);
  assert.equal(inner.most, 3);
  const beyond = { offset: 40 * MIB, length: 48 * MIB };
  await assert.rejects(store.get("a", { range: beyond }), CorruptionError);
});

Deno.test("all calls of a store share its connections, and fewer of them while it is asked too much", async () => {
  const inner = new WatchedStore();
  await inner.put("a", text("x"));
  await using store = new SharedStore(inner, 4);
  const readMany = () => Promise.allSettled(Array.from({ length: 12 }, () => store.get("a")));
  await readMany();
  assert.equal(inner.most, 4);
  inner.isBusy = true;
  await Promise.allSettled([store.get("a")]);
  inner.isBusy = false;
  inner.most = 0;
  await Promise.allSettled([store.get("a"), store.get("a"), store.get("a")]);
  assert.equal(inner.most, 2);
});
