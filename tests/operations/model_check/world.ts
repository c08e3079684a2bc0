import assert from "node:assert/strict";
import { atLeast } from "../../../src/base/at_least.ts";
import { pathOf } from "../../../src/model/path.ts";
import { BackupThreads } from "../../../src/operations/backup/backup_threads.ts";
import { backUp } from "../../../src/operations/backup/backup.ts";
import type { Tools } from "../../../src/read/tools.ts";
import { executePrune } from "../../../src/operations/prune/prune.ts";
import { surveyPrune } from "../../../src/operations/prune/survey.ts";
import { executePurge, planPurge } from "../../../src/operations/purge.ts";
import { rebuildIndex } from "../../../src/operations/rebuild_index.ts";
import { removeSnapshots } from "../../../src/operations/remove.ts";
import { planDeletions } from "../../../src/operations/restore/deletions.ts";
import { listSnapshots } from "../../../src/read/snapshots.ts";
import { browse } from "../browse/browsed.ts";
import { OracleStore } from "../keeping/oracle_store.ts";
import { KEYS, Machine } from "../machine.ts";
import { removeTree } from "../../fixtures/tree.ts";
import type { Dirty } from "./edits.ts";
import { exists, listDisk, type Listing, listSnapshot, withoutNames } from "./listing.ts";

/** What is excluded, and what that means for the names that edits make. */
export const EXCLUDES: readonly {
  readonly pattern: string;
  readonly matches: (name: string, isDirectory: boolean) => boolean;
}[] = [
  { pattern: "*.tmp", matches: (name) => name.endsWith(".tmp") },
  { pattern: "zz/", matches: (name, isDirectory) => name === "zz" && isDirectory },
  { pattern: "é", matches: (name) => name === "é" },
];

/** What a snapshot has to be: what was on the disk when it was made. */
interface ModelSnapshot {
  readonly id: string;
  readonly set: string;
  readonly roots: readonly string[];
  readonly listings: readonly Listing[];
}

const PRUNE = { graceMs: 24 * 3_600_000, minAgeMs: 0, dryRun: false };
const SETS = ["home", "part"] as const;

/** A host: its machine, and all that is known of its snapshots without asking the program. */
export class ModelHost implements AsyncDisposable {
  readonly machine: Machine;
  snapshots: ModelSnapshot[] = [];
  excludes: readonly number[] = [];
  /** How far its clock is from the store's. */
  skewMs = 0;
  /** By set: what was changed since its last backup; `undefined` where that is not known. */
  readonly dirty = new Map<string, Dirty>();
  readonly #world: World;
  #restores = 0;

  constructor(world: World, machine: Machine) {
    this.#world = world;
    this.machine = machine;
  }

  /** Backs up all of the tree, or the directories `a` and `b` in it; with `isPartial` only what has changed is looked at. */
  async backUp(setNumber: number, isPartial: boolean): Promise<void> {
    const set = SETS[setNumber % SETS.length]!;
    const roots = this.#rootsOf(set);
    if (roots.length === 0) return;
    const listings = roots.map((root) => this.#withoutExcluded(listDisk(root)));
    if (listings.every(({ size }) => size === 0)) return;
    const dirty = this.dirty.get(set);
    const changes = isPartial && dirty !== undefined
      ? { directories: [...dirty.directories].map(pathOf), subtrees: [...dirty.subtrees].map(pathOf) }
      : undefined;
    const { id, unreadable } = await backUp(this.#tools(), {
      ...this.machine.options,
      name: set,
      roots,
      exclude: this.excludes.map((number) => EXCLUDES[number]!.pattern),
      changes,
    }, this.#world.threads);
    assert.deepEqual(unreadable, []);
    this.dirty.set(set, { directories: new Set(), subtrees: new Set() });
    this.snapshots.push({ id, set, roots, listings });
    await this.look(this.snapshots.length - 1);
  }

  /** Looks into a snapshot: all is there as it was. */
  async look(number: number): Promise<void> {
    const snapshot = this.#snapshot(number);
    if (snapshot === undefined) return;
    const tree = await browse(this.machine, snapshot.id);
    for (const [i, root] of snapshot.roots.entries()) {
      if (snapshot.listings[i]!.size === 0) continue;
      assert.deepEqual(await listSnapshot(tree, root), withoutNames(snapshot.listings[i]!), snapshot.id);
    }
  }

  async restore(number: number): Promise<void> {
    const snapshot = this.#snapshot(number);
    if (snapshot === undefined) return;
    const target = `${this.machine.directory}/target-${this.#restores++}`;
    const { damaged, failed } = await this.machine.restore(snapshot, { target });
    assert.deepEqual([damaged, failed], [[], []]);
    for (const [i, root] of snapshot.roots.entries()) {
      const found = [...listDisk(target + root)].map(([path, line]) =>
        [path.slice(target.length), line] as const
      );
      assert.deepEqual(new Map(found), snapshot.listings[i], snapshot.id);
    }
    await removeTree(target);
  }

  /** Brings the roots of a snapshot back to where they were, and deletes what it does not have. */
  async restoreInPlace(number: number): Promise<void> {
    const snapshot = this.#snapshot(number);
    if (snapshot === undefined || snapshot.listings.some(({ size }) => size === 0)) return;
    const { id, roots } = snapshot;
    if (roots.some((root) => !exists(root))) return;
    const options = {
      ...{ snapshotId: id, target: "/", paths: [...roots], identities: [KEYS.identity], writers: 1 },
      overwrite: "always",
    } as const;
    const deletions = await planDeletions([{ tools: this.machine.tools(), options }]);
    for (const path of deletions) assert.ok(roots.some((root) => path.startsWith(`${root}/`)), path);
    const { damaged, failed } = await this.machine.restore(snapshot, { ...options, deletions });
    assert.deepEqual([damaged, failed], [[], []]);
    for (const [i, root] of roots.entries()) assert.deepEqual(listDisk(root), snapshot.listings[i], id);
    this.dirty.clear();
  }

  async remove(number: number): Promise<void> {
    const snapshot = this.#snapshot(number);
    if (snapshot === undefined) return;
    await removeSnapshots(this.machine.tools(), [snapshot.id]);
    this.snapshots = this.snapshots.filter((other) => other !== snapshot);
    await this.list();
  }

  /** At least so many of each set stay, if there are so many. */
  async purge(keepLast: number): Promise<void> {
    if (this.snapshots.length === 0) return;
    const tools = this.machine.tools({ now: this.#world.now });
    const plan = await planPurge(tools, { policyOf: () => ({ keepLast }), dryRun: false });
    await executePurge(tools, plan);
    const before = this.snapshots;
    this.snapshots = before.filter(({ id }) => !plan.remove.includes(id));
    for (const set of SETS) {
      const count = (all: readonly ModelSnapshot[]) => all.filter((snapshot) => snapshot.set === set).length;
      assert.ok(
        count(this.snapshots) >= Math.min(keepLast, count(before)),
        `${set} has ${count(this.snapshots)}`,
      );
    }
    await this.list();
  }

  async prune(): Promise<void> {
    if (this.snapshots.length === 0) return;
    const tools = this.machine.tools({ now: this.#world.now });
    await executePrune(tools, await surveyPrune(tools, PRUNE), PRUNE);
  }

  async list(): Promise<void> {
    const listed = await listSnapshots(this.machine.tools());
    assert.deepEqual(listed.map(({ id }) => id).sort(), this.snapshots.map(({ id }) => id).sort());
  }

  async verify(): Promise<void> {
    if (this.snapshots.length === 0) return;
    assert.deepEqual((await this.machine.verify()).problems, []);
  }

  /** The index is lost; it is made again from the store, or by the next backup. */
  async loseIndex(isRebuilt: boolean): Promise<void> {
    const { indexPath, recipients } = this.machine.options;
    this.#world.threads[Symbol.dispose]();
    for (const end of ["", "-wal", "-shm"]) await Deno.remove(indexPath + end).catch(() => {});
    this.dirty.clear();
    if (!isRebuilt || this.snapshots.length === 0) return;
    await rebuildIndex(this.#tools(), {
      indexPath,
      host: this.machine.host,
      recipients,
      identities: [KEYS.identity],
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.machine[Symbol.asyncDispose]();
  }

  #tools(): Tools {
    return this.machine.rootTools({ now: () => new Date(this.#world.now().getTime() + this.skewMs) });
  }

  #snapshot(number: number): ModelSnapshot | undefined {
    return this.snapshots[number % this.snapshots.length];
  }

  #rootsOf(set: typeof SETS[number]): string[] {
    const { data } = this.machine;
    const wanted = set === "home" ? [data] : [`${data}/a`, `${data}/b`];
    return wanted.filter((path) => exists(path) && Deno.lstatSync(path).isDirectory);
  }

  /** An excluded directory takes all below it with it; a root is backed up whatever it is called. */
  #withoutExcluded(listing: Listing): Listing {
    const rules = this.excludes.map((number) => EXCLUDES[number]!);
    const kept = new Map<string, string>();
    const [root] = atLeast(1, [...listing.keys()]);
    const isExcluded = (path: string): boolean => {
      if (path === root || path.length <= root.length) return false;
      const name = path.slice(path.lastIndexOf("/") + 1);
      const isDirectory = listing.get(path)!.startsWith("directory");
      return rules.some(({ matches }) => matches(name, isDirectory)) ||
        isExcluded(path.slice(0, path.lastIndexOf("/")));
    };
    for (const [path, line] of listing) if (!isExcluded(path)) kept.set(path, line);
    return renamed(kept, root);
  }
}

/** The first name of a file is the first that is left of its names. */
function renamed(listing: Listing, root: string | undefined): Listing {
  if (root === undefined) return listing;
  const firsts = new Map<string, string>();
  return new Map([...listing].map(([path, line]) => {
    const at = line.indexOf(" as ");
    if (at < 0) return [path, line];
    const old = line.slice(at);
    if (!firsts.has(old)) firsts.set(old, ` as ${path.slice(root.length)}`);
    return [path, line.slice(0, at) + firsts.get(old)];
  }));
}

/** Hosts that share a store, which watches over every call. */
export class World implements AsyncDisposable {
  readonly threads = new BackupThreads();
  readonly store: OracleStore;
  hosts: readonly ModelHost[] = [];
  #ms = Date.parse("2025-01-01T00:00:00Z");

  constructor() {
    this.store = new OracleStore({ now: () => new Date(this.#ms) });
  }

  static async open(hosts: number): Promise<World> {
    const world = new World();
    const machines = Array.from(
      { length: hosts },
      (_, i) => Machine.make({ hostname: `host${i}` }, world.store),
    );
    world.hosts = (await Promise.all(machines)).map((machine) => new ModelHost(world, machine));
    return world;
  }

  /** Of the store; it goes on whenever it is looked at. */
  readonly now = (): Date => new Date(this.#ms += 1_000);

  pass(ms: number): void {
    this.#ms += ms;
  }

  check(): void {
    assert.deepEqual(this.store.violations, []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.threads[Symbol.dispose]();
    for (const host of this.hosts) await host[Symbol.asyncDispose]();
  }
}
