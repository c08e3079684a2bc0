import assert from "node:assert/strict";
import { silent } from "../../../src/report/events.ts";
import { MEMORY_MS } from "../../../src/operations/prune/leftovers.ts";
import { executePrune } from "../../../src/operations/prune/prune.ts";
import { surveyPrune } from "../../../src/operations/prune/survey.ts";
import { executePurge, planPurge } from "../../../src/operations/purge.ts";
import { removeSnapshots } from "../../../src/operations/remove.ts";
import { type HostTools, hostTools } from "../../../src/read/hosts.ts";
import { verifySnapshots } from "../../../src/operations/verify/verify.ts";
import type { ObjectStore } from "../../../src/store/store.ts";
import { seeded } from "../../../src/base/chance.ts";
import type { EngineOptions } from "./engine_options.ts";
import { CrashError, type Fate, GatedRun } from "./gated_run.ts";
import { ModelHost, restoreModel } from "./model_host.ts";
import { OracleStore } from "./oracle_store.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Hosts on one store, unless it is said how many. */
const HOSTS = 2;
const FILES = 12;
/** Runs at a time. */
const RUNS_MAX = 8;
/** A run that stands still does so for up to so many actions. */
const FREEZE_MAX = 100;
/** Snapshots in the store, about. */
const SNAPSHOTS_MAX = 25;

/**
 * Several hosts, purges and prunes on one store with a clock of its own, at random: every call to the store is a point where a run may stand
 * still for any time, while others go on, or die. After every call every listed snapshot has all its objects.
 */
export class Engine {
  readonly store: OracleStore;
  /** What happened, newest last. */
  readonly log: string[] = [];
  /** How often each kind of thing happened. */
  readonly counts = new Map<string, number>();
  readonly #options: EngineOptions;
  readonly #random: () => number;
  readonly #hosts: ModelHost[];
  readonly #runs = new Map<GatedRun, { readonly host: ModelHost; readonly isBackup: boolean }>();
  /** What was in the directory of each host after the last call. */
  #directories = new Map<string, string>();
  readonly #expected = new Map<string, ReadonlyMap<string, string>>();
  /** When each backup that has looked at `prune/` and not written its manifest yet did so. */
  readonly #lookedMs = new Map<GatedRun, number>();
  /** Runs that stand still, and until which action. */
  readonly #frozen = new Map<GatedRun, number>();
  #actions = 0;
  /** When each backup that has not written its manifest yet announced it. */
  readonly #announcedMs = new Map<GatedRun, number>();
  #ms = Date.parse("2025-01-01T00:00:00Z");

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#random = seeded(options.seed);
    this.store = new OracleStore({ now: () => new Date(this.#ms) });
    this.#hosts = Array.from(
      { length: options.hosts ?? HOSTS },
      (_, i) => new ModelHost(`host${i}`, this.#random, this.#expected),
    );
    for (const host of this.#hosts) this.#edit(host);
  }

  /** Does `count` things at random. Throws where a snapshot is not whole. */
  async act(count: number): Promise<void> {
    for (const end = this.#actions + count; this.#actions < end; this.#actions++) {
      await this.#act();
      for (let steps = this.#below(40); steps > 0; steps--) await this.#stepOne();
      if (this.#actions % 100 === 0) await this.verify();
    }
    await this.verify();
  }

  /** Every snapshot restores to what was backed up, and the program's own check says so, too. */
  async verify(): Promise<void> {
    const published = new Set([...this.store.snapshots.values()].map(({ host }) => host));
    for (const host of this.#hosts.filter(({ host }) => published.has(host))) {
      const options = { snapshotIds: [], readers: 1 };
      assert.deepEqual((await verifySnapshots(this.#tools(host, this.store), options)).problems, []);
    }
    for (const [id, { host, manifest }] of this.store.snapshots) {
      const owner = this.#hosts.find((one) => one.host === host)!;
      const tools = this.#tools(owner, this.store);
      assert.deepEqual(await restoreModel(tools, manifest), this.#expected.get(id), id);
    }
  }

  /** With all runs dead and time enough, a few prunes leave nothing but what is needed. */
  async end(): Promise<void> {
    for (const run of this.#runs.keys()) if (!run.isDone) await this.#step(run, "cut off");
    for (let round = 0; round < 3; round++) {
      this.#ms += 2 * this.#options.graceMs + 31 * DAY;
      for (const host of this.#hosts) await this.#prune(host, this.store);
    }
    this.#check();
    const needed = new Set([...this.store.snapshots.values()].flatMap(({ needed }) => [...needed]));
    const left = [...this.store.names].filter((name) =>
      !needed.has(name) && !/^hosts\/\w+\/(host\.json$|keys\/|snapshots\/.*\/manifest\.json\.zst$)/.test(name)
    );
    assert.ok(
      left.length <= this.#hosts.length && left.every((name) => name.includes("/prune/")),
      `garbage: ${left.slice(0, 9)}`,
    );
    assert.equal(
      [...this.store.names].filter((name) => name.endsWith("/manifest.json.zst")).length,
      this.store.snapshots.size,
    );
    await this.verify();
  }

  async #act(): Promise<void> {
    const chance = this.#random();
    const host = this.#hosts[this.#below(this.#hosts.length)]!;
    if (chance < 0.15) this.#edit(host);
    else if (chance < 0.45) await this.#beginBackup(host);
    else if (chance < 0.6) await this.#begin("prune", host, (store) => this.#prune(host, store));
    else if (chance < 0.68) await this.#begin("purge", host, (store) => this.#purge(host, store));
    else if (chance < 0.72) await this.#begin("remove", host, (store) => this.#remove(host, store));
    else if (chance < 0.76) this.#compact(host);
    else if (chance < 0.82) await this.#crash();
    else if (chance < 0.88) this.#freeze();
    else await this.#pass();
    if (this.store.snapshots.size > SNAPSHOTS_MAX * this.#hosts.length) {
      await this.#begin("purge", host, (store) => this.#purge(host, store));
    }
  }

  /** Changes, makes and removes files; some contents are those of before, so that old blobs are wanted again. */
  #edit({ files }: ModelHost): void {
    for (let count = 1 + this.#below(4); count > 0; count--) {
      const path = `file${this.#below(FILES)}`;
      if (this.#random() < 0.2) files.delete(path);
      else files.set(path, `contents ${this.#below(40)} of ${path}`);
    }
    this.#note("edit");
  }

  /** A host makes up its mind at the beginning of a run to store the chunks of some blob again. */
  #compact(host: ModelHost): void {
    if (this.#isBackingUp(host)) return;
    const { index } = host;
    const blobs = [...index.blobs.keys()];
    if (blobs.length > 0) index.forget([blobs[this.#below(blobs.length)]!]);
    this.#note("compact");
  }

  async #beginBackup(host: ModelHost): Promise<void> {
    // An index lets in one run at a time.
    if (this.#isBackingUp(host)) return;
    this.#ms += 1000;
    const wrap = this.#options.backupStore ?? ((store) => store);
    await this.#begin(
      "backup",
      host,
      (store) => host.backUp(this.#tools(host, wrap(store), host.skewMs)),
    );
  }

  #isBackingUp(host: ModelHost): boolean {
    return [...this.#runs.values()].some((run) => run.host === host && run.isBackup);
  }

  async #begin(
    what: "backup" | "prune" | "purge" | "remove",
    host: ModelHost,
    work: (store: ObjectStore) => Promise<unknown>,
  ): Promise<void> {
    if (this.#runs.size >= RUNS_MAX) return;
    const run = new GatedRun(`${what} ${host.hostname}`, this.#options);
    this.#runs.set(run, { host, isBackup: what === "backup" });
    this.#note(`begin ${run.what}`);
    await run.start(this.store, work);
    this.#compareNeighbours(host);
    this.#settle(run);
  }

  async #prune(host: ModelHost, store: ObjectStore): Promise<void> {
    const tools = this.#tools(host, (this.#options.pruneStore ?? ((store) => store))(store));
    const options = { graceMs: this.#options.graceMs, minAgeMs: 0, dryRun: false };
    await executePrune(tools, await surveyPrune(tools, options), options);
  }

  async #purge(host: ModelHost, store: ObjectStore): Promise<void> {
    const policyOf = () => ({ keepLast: 1 + this.#below(4), keepDaily: this.#below(3) });
    const plan = await planPurge(this.#tools(host, store), { policyOf, dryRun: false });
    await executePurge(this.#tools(host, store), plan);
  }

  async #remove(host: ModelHost, store: ObjectStore): Promise<void> {
    const ids = [...this.store.snapshots].flatMap(([id, { host: of }]) => of === host.host ? [id] : []);
    if (ids.length > 0) await removeSnapshots(this.#tools(host, store), [ids[this.#below(ids.length)]!]);
  }

  async #crash(): Promise<void> {
    const runs = [...this.#runs.keys()];
    if (runs.length > 0) {
      await this.#step(runs[this.#below(runs.length)]!, this.#random() < 0.5 ? "cut off" : "answer lost");
    }
  }

  /** Rather a backup that is about to write its manifest: that is where it matters most. */
  #freeze(): void {
    const looked = [...this.#lookedMs.keys()];
    const runs = looked.length > 0 ? looked : [...this.#runs.keys()];
    if (runs.length === 0) return;
    this.#frozen.set(runs[this.#below(runs.length)]!, this.#actions + this.#below(FREEZE_MAX));
    this.#note("stand still");
  }

  async #pass(): Promise<void> {
    const ms = [HOUR / 60, HOUR, 12 * HOUR, DAY, 3 * DAY, 10 * DAY][this.#below(6)]!;
    if (!this.#options.isAtomic) await this.#finish(this.#lookedMs, ms, DAY / 2);
    await this.#finish(this.#announcedMs, ms, MEMORY_MS);
    this.#ms += ms;
    this.#note(`${ms / HOUR} hours pass`);
  }

  /** Lets runs go on that would stand still for `limitMs`, and must not (FORMAT.md, "Deletion"), if `ms` passed now. */
  async #finish(since: ReadonlyMap<GatedRun, number>, ms: number, limitMs: number): Promise<void> {
    for (const run of [...since.keys()]) {
      while (since.has(run) && this.#ms + ms - since.get(run)! >= limitMs) await this.#step(run);
    }
  }

  async #stepOne(): Promise<void> {
    const runs = [...this.#runs.keys()].filter((run) => (this.#frozen.get(run) ?? 0) <= this.#actions);
    if (runs.length > 0) await this.#step(runs[this.#below(runs.length)]!);
  }

  async #step(run: GatedRun, fate: Fate = "done"): Promise<void> {
    const what = await run.step(this.#below(run.waiting.length), fate);
    this.#note(`${run.what}: ${what}${fate === "done" ? "" : ` (${fate})`}`);
    const { host, isBackup } = this.#runs.get(run)!;
    if (isBackup) {
      if (/^list .*\/prune\/$/.test(what)) this.#lookedMs.set(run, this.#ms);
      else if (/^put .*\/snapshot\.json/.test(what)) this.#announcedMs.set(run, this.#ms);
      else if (/^put .*\/manifest\.json/.test(what)) {
        this.#lookedMs.delete(run);
        this.#announcedMs.delete(run);
      }
    }
    this.#compareNeighbours(host);
    this.#settle(run);
    this.#check();
  }

  /** Throws where the last call, which was made for `host`, has changed what is in the directory of another. */
  #compareNeighbours(host: ModelHost): void {
    if (!this.#options.comparesNeighbours) return;
    const now = this.store.directories();
    for (const other of this.#hosts) {
      if (other === host) continue;
      assert.equal(
        now.get(other.host),
        this.#directories.get(other.host),
        `${host.hostname} changed the directory of ${other.hostname}`,
      );
    }
    this.#directories = now;
  }

  #settle(run: GatedRun): void {
    if (!run.isDone) return;
    this.#runs.delete(run);
    this.#lookedMs.delete(run);
    this.#announcedMs.delete(run);
    this.#frozen.delete(run);
    if (run.error !== undefined && !(run.error instanceof CrashError)) throw run.error;
  }

  #check(): void {
    const [violation] = this.store.violations;
    if (violation !== undefined) throw new assert.AssertionError({ message: violation });
  }

  #tools({ host }: ModelHost, store: ObjectStore, skewMs = 0): HostTools {
    const tools = {
      store,
      report: silent,
      signal: new AbortController().signal,
      now: () => new Date(this.#ms + skewMs),
    };
    return hostTools(tools, host);
  }

  #note(what: string): void {
    this.log.push(what);
    if (this.log.length > 200) this.log.shift();
    const kind = what.replace(/:.*/, ": a call").replace(/ ?host\d/, "").replace(/^[\d.]+ hours/, "hours");
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}
