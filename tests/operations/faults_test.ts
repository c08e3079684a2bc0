import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { seeded } from "../../src/base/chance.ts";
import { exitCodeOf } from "../../src/base/exit_codes.ts";
import type { BackupSummary } from "../../src/operations/backup/options.ts";
import type { RestoreSummary } from "../../src/operations/restore/options.ts";
import { hostPrefix } from "../../src/model/names.ts";
import { listedSnapshots } from "../../src/read/snapshots.ts";
import { within } from "../../src/store/within.ts";
import { silent } from "../../src/report/events.ts";
import { openStore } from "../../src/store/open.ts";
import type { ObjectStore } from "../../src/store/store.ts";
import { randomBytes } from "../chunk/random.ts";
import { type Fault, FaultProxy, FAULTS } from "../fixtures/fault_proxy.ts";
import { findVersitygw, type S3Server, startS3rver, startVersitygw } from "../fixtures/s3_server.ts";
import { testSeed } from "../fixtures/random.ts";
import { Machine } from "./machine.ts";

const binary = findVersitygw();
const startServer = () => binary === undefined ? startS3rver() : startVersitygw(binary);

/** How many times a backup and a restore are made; `.ci/run` makes 120. */
const ROUNDS = Number(Deno.env.get("VAULTIK_TEST_FAULT_ROUNDS") ?? 60);
/** Of all requests, those that meet a fault. */
const SHARE = 0.1;
const MACHINES = 4;
const SEED = testSeed();

const IDLE_LIMIT_MS = 250;
const POLICY = { baseMs: 1, maxDelayMs: 8, limitMs: 20_000, firstLimitMs: 20_000 };
/** Far more than all time-outs of an operation together: what takes longer hangs. */
const HANG_MS = 60_000;

/** A machine whose store is behind a proxy that makes faults; `clean` is the same store without it. */
class Bench implements AsyncDisposable {
  readonly machine: Machine;
  readonly proxy: FaultProxy;
  readonly clean: ObjectStore;
  /** Met by all attempts. */
  faults = 0;

  private constructor(machine: Machine, proxy: FaultProxy, clean: ObjectStore) {
    this.machine = machine;
    this.proxy = proxy;
    this.clean = clean;
  }

  static async open(server: S3Server, prefix: string): Promise<Bench> {
    const proxy = new FaultProxy(server.endpoint);
    const location = { ...server.location(prefix), endpoint: proxy.endpoint };
    const options = { idleLimitMs: IDLE_LIMIT_MS, policy: POLICY };
    const machine = await Machine.make({}, await openStore(location, silent, options));
    return new Bench(machine, proxy, await openStore(server.location(prefix), silent));
  }

  backUp(): Promise<BackupSummary> {
    return withoutHang(this.machine.backUp());
  }

  async restore(snapshot: { readonly id: string }): Promise<RestoreSummary & { readonly data: string }> {
    return await withoutHang(this.machine.restore(snapshot));
  }

  /** What went wrong in `work`, and which faults it met. */
  async attempt<T>(
    work: () => Promise<T>,
  ): Promise<{ result?: T; error?: unknown; faults: readonly Fault[] }> {
    const { injected } = this.proxy;
    injected.length = 0;
    const [outcome] = await Promise.allSettled([work()]);
    this.faults += injected.length;
    const faults = [...injected];
    return outcome.status === "fulfilled"
      ? { result: outcome.value, faults }
      : { error: outcome.reason, faults };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.machine.root[Symbol.asyncDispose]();
    await this.clean[Symbol.asyncDispose]();
    await this.machine[Symbol.asyncDispose]();
    await this.proxy[Symbol.asyncDispose]();
  }
}

async function withoutHang<T>(work: Promise<T>): Promise<T> {
  const hang = Promise.withResolvers<never>();
  const timer = setTimeout(() => hang.reject(new Error(`It hangs for ${HANG_MS} ms`)), HANG_MS);
  try {
    return await Promise.race([work, hang.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Names and contents of the files of a flat directory. */
function filesOf(directory: string): string {
  const names = [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
  return names.map((name) => `${name} ${Deno.readTextFileSync(`${directory}/${name}`)}`).join("\n");
}

Deno.test({
  name: "a fault at any one request of a backup or a restore changes nothing but how long it takes",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using server = await startServer();
    const faults = [...FAULTS];
    await Promise.all(Array.from({ length: MACHINES }, async (_, i) => {
      await using bench = await Bench.open(server, `chosen-${i}`);
      bench.machine.write("a", randomBytes(1, 60_000));
      await bench.backUp();
      for (let fault = faults.pop(); fault !== undefined; fault = faults.pop()) {
        await proveHarmless(bench, fault);
      }
    }));
  },
});

/** Makes `fault` at the first request of a backup and of a restore, then at the second, until they have no more requests. */
async function proveHarmless(bench: Bench, fault: Fault): Promise<void> {
  const { machine, proxy } = bench;
  const failAt = (number: number) => {
    const before = proxy.requests;
    proxy.choose = (request) => request.number === before + number ? fault : undefined;
    return () => proxy.requests >= before + number;
  };
  for (let number = 1, hasMore = true; hasMore; number++) {
    machine.write("b", `${fault} ${number}`);
    const isInBackup = failAt(number);
    const backup = await bench.backUp();
    hasMore = isInBackup();
    const isInRestore = failAt(number);
    const { result, error, faults } = await bench.attempt(() => bench.restore(backup));
    hasMore ||= isInRestore();
    if (
      faults.includes("flip") && (error === undefined ? result!.damaged.length > 0 : exitCodeOf(error) === 5)
    ) continue;
    assert.equal(error, undefined, `${fault} at request ${number} of a restore`);
    assert.equal(filesOf(result!.data), filesOf(machine.data), `${fault} at request ${number}`);
  }
}

Deno.test({
  name: `${ROUNDS} backups and restores with faults at ${
    SHARE * 100
  } % of all requests end right (seed ${SEED})`,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using server = await startServer();
    const counts = await Promise.all(Array.from({ length: MACHINES }, async (_, i) => {
      await using bench = await Bench.open(server, `random-${i}`);
      return await runRounds(bench, Math.ceil(ROUNDS / MACHINES), seeded(SEED + i));
    }));
    const sum = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
    assert.ok(sum(counts.map(({ succeeded }) => succeeded)) > ROUNDS / 2, "most succeed");
    assert.ok(sum(counts.map(({ faults }) => faults)) > ROUNDS / 2, "faults were made");
  },
});

async function runRounds(bench: Bench, rounds: number, chance: () => number) {
  const { machine, proxy } = bench;
  const states = new Map<string, string>();
  let succeeded = 0;
  for (let round = 0; round < rounds; round++) {
    machine.write(`file-${round % 7}`, `${round} ${"x".repeat(Math.floor(chance() * 30_000))}`);
    proxy.choose = () => chance() < SHARE ? FAULTS[Math.floor(chance() * FAULTS.length)] : undefined;
    const state = filesOf(machine.data);
    const backup = await bench.attempt(() => bench.backUp());
    checkOutcome(backup, round);
    for (const id of await newSnapshots(bench, states)) states.set(id, state);
    if (backup.result !== undefined) assert.ok(states.has(backup.result.id), "it is listed");
    succeeded += backup.result === undefined ? 0 : 1;
    const id = [...states.keys()].at(-1);
    if (id !== undefined) await checkRestore(bench, id, states.get(id)!, round);
  }
  proxy.choose = () => undefined;
  for (const [id, state] of states) {
    if (chance() < 0.1) assert.equal(filesOf((await bench.restore({ id })).data), state);
    assert.deepEqual((await machine.verify({ id })).problems, [], id);
  }
  return { succeeded, faults: bench.faults };
}

async function newSnapshots(
  { machine, clean }: Bench,
  known: ReadonlyMap<string, string>,
): Promise<string[]> {
  const listed = await listedSnapshots(machine.tools({ store: within(clean, hostPrefix(machine.host)) }));
  return listed.map(({ id }) => id).filter((id) => !known.has(id));
}

async function checkRestore(bench: Bench, id: string, state: string, round: number): Promise<void> {
  const restored = await bench.attempt(() => bench.restore({ id }));
  checkOutcome(restored, round);
  const { result } = restored;
  if (result === undefined || result.damaged.length > 0) {
    assert.ok(restored.faults.length > 0);
    if (result !== undefined) assert.ok(restored.faults.includes("flip"), "damage was made by a fault");
    return;
  }
  assert.equal(filesOf(result.data), state, `round ${round}: ${id}`);
}

/** An error is the store's, unless the bytes that came were others. */
function checkOutcome(
  { error, faults }: { readonly error?: unknown; readonly faults: readonly Fault[] },
  round: number,
): void {
  if (error === undefined) return;
  const allowed = faults.length === 0 ? [] : faults.includes("flip") ? [5, 6] : [6];
  assert.ok(
    allowed.includes(exitCodeOf(error)),
    `round ${round}, ${faults.join(", ")}: ${Deno.inspect(error)}`,
  );
}
