import assert from "node:assert/strict";
import {
  CorruptionError,
  InterruptedError,
  NotFoundError,
  RefusedError,
  UnavailableError,
} from "../../../src/base/errors.ts";
import type { RetryTiming } from "../../../src/base/retry.ts";
import { hostPrefix, splitHostName } from "../../../src/model/names.ts";
import type { RestoreOptions } from "../../../src/operations/restore/options.ts";
import { restore } from "../../../src/operations/restore/restore.ts";
import { MemoryStore } from "../../../src/store/memory.ts";
import { retrying } from "../../../src/store/retrying.ts";
import type { GetOptions } from "../../../src/store/store.ts";
import { within } from "../../../src/store/within.ts";
import { randomBytes } from "../../chunk/random.ts";
import { seeded } from "../../../src/base/chance.ts";
import { listTree } from "../../fixtures/tree.ts";
import { KEYS, Machine } from "../machine.ts";

const FILES = 40;
const FILE_BYTES = 600_000;
const TIMING: RetryTiming = { now: () => 0, sleep: () => Promise.resolve(), random: () => 0 };
/** The least that a restore fetches into: a few of the blobs that are wanted at a time. */
const LITTLE = { memoryBytes: 1, connections: 8, writers: 3 } as const;

/** Answers in any order, and each read of contents may first be cut short, broken off, missing or refused as too many. */
class MoodyStore extends MemoryStore {
  readonly #random: () => number;
  readonly #asked = new Set<string>();
  /** Called before each read of contents. */
  onRead: (count: number) => void = () => {};
  reads = 0;

  constructor(seed: number) {
    super();
    this.#random = seeded(seed);
  }

  override async get(name: string, options: GetOptions = {}): Promise<Uint8Array> {
    if (!splitHostName(name)!.rest.startsWith("blobs/")) return await super.get(name, options);
    this.onRead(++this.reads);
    const turns = Math.floor(this.#random() * 4);
    for (let i = 0; i < turns; i++) await new Promise((resolve) => setTimeout(resolve, 0));
    const read = `${name} ${JSON.stringify(options.range)}`;
    if (!this.#asked.has(read) && this.#random() < 0.5) {
      this.#asked.add(read);
      this.#fail(name, options);
    }
    return await super.get(name, options);
  }

  #fail(name: string, { into }: GetOptions): never {
    const kind = Math.floor(this.#random() * 3);
    if (kind === 0) throw new NotFoundError(`"${name}" is not there`);
    into?.subarray(0, into.length >> 1).fill(0xee);
    if (kind === 1) throw new CorruptionError(`"${name}" is short`);
    throw new UnavailableError("the answer broke off");
  }
}

interface BackedUp extends AsyncDisposable {
  readonly store: MoodyStore;
  readonly machine: Machine;
  /** Into a new directory; the lines of what came back. */
  restore(change?: Partial<RestoreOptions>, signal?: AbortSignal): Promise<string[]>;
}

/** Files of two kinds, in turn within each blob, and blobs of about 4 MiB. */
async function backedUp(seed: number): Promise<BackedUp> {
  const store = new MoodyStore(seed);
  const machine = await Machine.make({ chunkSizeBytes: 1 << 18 }, store);
  for (let i = 0; i < FILES; i++) {
    machine.write(`d/${i}.${i % 2 === 0 ? "even" : "odd"}`, randomBytes(seed + i, FILE_BYTES));
  }
  const { id: snapshotId } = await machine.backUp();
  let count = 0;
  return {
    ...{ store, machine },
    async restore(change = {}, signal = AbortSignal.timeout(120_000)) {
      const target = `${machine.directory}/target-${count++}`;
      const patient = retrying(within(store, hostPrefix(machine.host)), () => {}, { timing: TIMING });
      const tools = machine.tools({ store: patient, signal });
      const options = { snapshotId, target, paths: [], identities: [KEYS.identity], ...LITTLE, ...change };
      const { damaged, failed } = await restore(tools, options);
      assert.deepEqual([damaged, failed], [[], []]);
      return await listTree(target + machine.data);
    },
    [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose](),
  };
}

Deno.test("a restore in little memory is the tree, however late, short or out of order the store answers", async () => {
  await using made = await backedUp(1);
  const wanted = await listTree(made.machine.data);
  assert.deepEqual(await made.restore(), wanted);
  const odd = wanted.filter((line) => !line.includes(".even"));
  assert.ok(odd.length >= FILES / 2 && odd.length < wanted.length);
  assert.deepEqual(await made.restore({ include: ["*.odd"] }), odd);
});

Deno.test("a restore that fails while reads wait for memory ends, and the next one is not touched by it", async () => {
  await using made = await backedUp(3);
  for (const include of [undefined, ["*.odd"]]) {
    const first = made.store.reads;
    made.store.onRead = (count) => {
      if (count - first >= 9) throw new RefusedError("not yours");
    };
    await assert.rejects(made.restore({ include }), RefusedError);
    made.store.onRead = () => {};
  }
  assert.deepEqual(await made.restore(), await listTree(made.machine.data));
});

Deno.test("a restore that is interrupted while reads wait for memory ends, and the next one is not touched by it", async () => {
  await using made = await backedUp(4);
  const controller = new AbortController();
  made.store.onRead = (count) => void (count === 9 && controller.abort());
  await assert.rejects(made.restore({}, controller.signal), InterruptedError);
  assert.deepEqual(await made.restore(), await listTree(made.machine.data));
});
