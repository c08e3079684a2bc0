import assert from "node:assert/strict";
import { RefusedError } from "../../../src/base/errors.ts";
import { splitHostName } from "../../../src/model/names.ts";
import { MemoryStore } from "../../../src/store/memory.ts";
import type { PutOptions } from "../../../src/store/store.ts";
import { randomBytes } from "../../chunk/random.ts";
import { Machine } from "../machine.ts";

const MIB = 1 << 20;
const TURNS = 50;

/** Takes its time for what makes a host one, and tells in which order all came. */
class SlowToBegin extends MemoryStore {
  readonly order: string[] = [];
  refuses = false;

  override async put(name: string, bytes: Uint8Array, options?: PutOptions): Promise<void> {
    const kind = splitHostName(name)!.rest.split("/")[0]!;
    if (kind === "host.json" || kind === "keys") {
      for (let i = 0; i < TURNS; i++) await new Promise((resolve) => setTimeout(resolve, 2));
      if (this.refuses) throw new RefusedError("not yours");
    }
    await super.put(name, bytes, options);
    this.order.push(kind);
  }
}

Deno.test("a host that begins stores nothing before its public file and its keys are there, though it reads meanwhile", async () => {
  const store = new SlowToBegin();
  await using machine = await Machine.make({ blobSizeBytes: MIB }, store);
  for (let i = 0; i < 6; i++) machine.write(`${i}`, randomBytes(i, MIB));
  await machine.backUp();
  assert.deepEqual(store.order.slice(0, 2), ["host.json", "keys"]);
  assert.ok(store.order.filter((kind) => kind === "blobs").length >= 6);
  assert.deepEqual(store.order.slice(-2), ["snapshots", "snapshots"]);
});

Deno.test("where a host cannot begin its first backup fails by that, nothing else is stored, and the next one begins it", async () => {
  const store = new SlowToBegin();
  store.refuses = true;
  await using machine = await Machine.make({ blobSizeBytes: MIB }, store);
  for (let i = 0; i < 3; i++) machine.write(`${i}`, randomBytes(i, MIB));
  await assert.rejects(machine.backUp(), RefusedError);
  assert.deepEqual(store.order, []);
  store.refuses = false;
  await machine.backUp();
  assert.deepEqual(store.order.slice(0, 2), ["host.json", "keys"]);
});

Deno.test("a first backup of nothing but an empty directory has its host begun too", async () => {
  const store = new SlowToBegin();
  await using machine = await Machine.make({}, store);
  await machine.backUp();
  assert.deepEqual(store.order, ["host.json", "keys", "pages", "snapshots", "snapshots"]);
});
