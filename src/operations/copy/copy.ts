import { sha256Hex } from "../../base/digest.ts";
import { CorruptionError, ExistsError, NotFoundError, UsageError } from "../../base/errors.ts";
import { readAhead } from "../../base/read_ahead.ts";
import type { NamedBlob } from "../../model/blob_list.ts";
import type { Manifest } from "../../model/manifest.ts";
import {
  HOST_NAME,
  KEYS_PREFIX,
  manifestName,
  snapshotName,
  snapshotOfManifest,
  snapshotOfMetadata,
  SNAPSHOTS_PREFIX,
} from "../../model/names.ts";
import type { ObjectStore } from "../../store/store.ts";
import { BlobLists } from "../../read/blob_lists.ts";
import { fetchManifest } from "../../read/fetch_manifest.ts";
import type { HostTools } from "../../read/hosts.ts";
import { decodeStored, isVoid, readableManifests, readManifest } from "../../read/snapshots.ts";
import { Marked } from "./marked.ts";
import {
  announcementOf,
  contentsOf,
  copiesAtOnce,
  type CopyPlan,
  CopyPlanner,
  type NamedObject,
  type PlannedSnapshot,
} from "./copy_plan.ts";

export interface CopyProblem {
  readonly object: string;
  /** What is wrong with it, as in `is damaged: …`. */
  readonly state: string;
  /** The snapshots that were not copied for it. */
  readonly snapshots: readonly string[];
}

export interface CopySummary {
  /** Ids of what the target did not have, or not whole. */
  readonly copied: readonly string[];
  /** Ids of what prunes of the target do not let come yet; each was reported as a warning. */
  readonly barred: readonly string[];
  /** Snapshots that the target had. */
  readonly present: number;
  readonly objects: number;
  readonly bytes: number;
  readonly problems: readonly CopyProblem[];
}

/** Compares what the snapshots `ids` of a host (all where there are none) need with one listing of `target`, its directory there. */
export async function planCopy(
  tools: HostTools,
  target: ObjectStore,
  ids: readonly string[],
): Promise<CopyPlan> {
  const planner = new CopyPlanner(await sizesIn(target, tools));
  const beside = await besideManifests(tools);
  const lists = new BlobLists(tools);
  for await (const manifest of ids.length === 0 ? readableManifests(tools) : named(tools, ids)) {
    planner.add(manifest, await lists.all(manifest), beside.get(manifest.id) ?? []);
  }
  return planner.plan;
}

/**
 * Copies what `plan` says, object by object under the same names, each checked against its SHA-256 on the way. The manifest of a
 * snapshot comes after everything that it names: whenever this ends, what `target` lists is whole, and the next copy goes on
 * from there. A snapshot of which an object is damaged or missing is left out and reported.
 */
export async function executeCopy(
  tools: HostTools,
  target: ObjectStore,
  plan: CopyPlan,
): Promise<CopySummary> {
  const copier = new Copier(tools, target, plan);
  for (const snapshot of plan.snapshots) if (!snapshot.isWhole) await copier.copy(snapshot);
  const present = plan.snapshots.filter(({ isWhole }) => isWhole).length;
  return { ...copier.done, present };
}

async function* named(tools: HostTools, ids: readonly string[]): AsyncGenerator<Manifest> {
  for (const id of new Set(ids)) yield await readManifest(tools, id);
}

async function sizesIn(target: ObjectStore, { signal }: HostTools): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for await (const { name, size } of target.list("", { signal })) {
    const isManifest = snapshotOfManifest(name) !== undefined;
    if (!isManifest || !await isVoid(target, { name, size }, signal)) sizes.set(name, size);
  }
  return sizes;
}

/** By snapshot: what is stored with it and not named by a manifest. */
async function besideManifests({ store, signal }: HostTools): Promise<Map<string, string[]>> {
  const beside = new Map<string, string[]>();
  for await (const { name } of store.list(SNAPSHOTS_PREFIX, { signal })) {
    const id = snapshotOfMetadata(name);
    if (id === undefined || name === manifestName(id) || name === snapshotName(id)) continue;
    beside.set(id, [...beside.get(id) ?? [], name]);
  }
  return beside;
}

class Copier {
  readonly #tools: HostTools;
  readonly #lists: BlobLists;
  readonly #target: ObjectStore;
  readonly #missing: Map<string, number>;
  readonly #total: { readonly objects: number; readonly bytes: number };
  readonly #atOnce: number;
  readonly #marked: Marked;
  readonly #copied: string[] = [];
  readonly #barred: string[] = [];
  /** By object. */
  readonly #problems = new Map<string, { readonly state: string; readonly snapshots: string[] }>();
  #isHostCopied = false;
  #objects = 0;
  #bytes = 0;

  constructor(tools: HostTools, target: ObjectStore, plan: CopyPlan) {
    this.#tools = tools;
    this.#lists = new BlobLists(tools);
    this.#target = target;
    this.#marked = new Marked({ store: target, signal: tools.signal });
    this.#missing = new Map(plan.missing);
    this.#total = { objects: plan.missing.size, bytes: plan.bytes };
    let largest = 0;
    for (const size of plan.missing.values()) largest = Math.max(largest, size);
    this.#atOnce = copiesAtOnce(largest);
  }

  get done(): Omit<CopySummary, "present"> {
    const problems = [...this.#problems].map(([object, problem]) => ({ object, ...problem }));
    return {
      copied: this.#copied,
      barred: this.#barred,
      objects: this.#objects,
      bytes: this.#bytes,
      problems,
    };
  }

  async copy({ id, beside }: PlannedSnapshot): Promise<void> {
    const stored = await this.#fetchManifest(id);
    if (stored === undefined) return;
    const manifest = decodeStored(this.#tools, id, stored);
    const blobs = await this.#lists.all(manifest);
    if (await this.#marked.isNeededBy(manifest, blobs)) return this.#bar(id);
    if (!await this.#copyContents(manifest, blobs)) return;
    await this.#copyHost();
    // As a backup does (FORMAT.md, "Deletion"): announce, again where it was announced before, then look, then the manifest.
    const announcement = announcementOf(manifest);
    const createOnly = this.#missing.has(announcement.name);
    if (!await this.#copyObject(announcement, id, { createOnly })) return;
    if (await this.#marked.isNeededBy(manifest, blobs)) return this.#bar(id);
    for (const name of beside) await this.#copyBeside(name);
    if (await this.#publish(id, stored)) this.#copied.push(id);
    else this.#bar(id);
  }

  async #copyContents(manifest: Manifest, blobs: readonly NamedBlob[]): Promise<boolean> {
    let isWhole = true;
    const copyOne = (blob: NamedObject) => this.#copyObject(blob, manifest.id, { createOnly: true });
    for await (const isCopied of readAhead(this.#lacking(manifest, blobs), this.#atOnce, copyOne)) {
      isWhole &&= isCopied;
      this.#tellProgress();
    }
    return isWhole;
  }

  #bar(id: string): void {
    this.#barred.push(id);
    const text =
      `${id} is not copied: a prune of ${this.#target.location} has marked what it needs for deletion; ` +
      "it can be copied when that is over, after about 30 days";
    this.#tools.report({ kind: "warning", text });
  }

  /** `false` where a prune has barred it. */
  async #publish(id: string, manifest: Uint8Array): Promise<boolean> {
    const { signal } = this.#tools;
    const name = manifestName(id);
    const sha256 = sha256Hex(manifest);
    try {
      await this.#target.put(name, manifest, { signal, createOnly: true, sha256 });
      return true;
    } catch (cause) {
      if (!(cause instanceof ExistsError)) throw cause;
      const size = await this.#target.size(name, { signal });
      if (size !== undefined && await isVoid(this.#target, { name, size }, signal)) return false;
      throw new UsageError(
        `Cannot copy snapshot "${id}": ${this.#target.location} has another snapshot of that id`,
        { cause },
      );
    }
  }

  /** `undefined` where the snapshot has been removed since the plan was made. */
  async #fetchManifest(id: string): Promise<Uint8Array | undefined> {
    const { report } = this.#tools;
    try {
      return await fetchManifest(this.#tools, id);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      report({ kind: "note", text: `${id} was removed meanwhile and is not copied` });
      return undefined;
    }
  }

  *#lacking(manifest: Manifest, blobs: readonly NamedBlob[]): Generator<NamedObject> {
    for (const blob of contentsOf(manifest, blobs)) if (this.#missing.has(blob.name)) yield blob;
  }

  /** Whether the target has it now. */
  async #copyObject(
    { name, size, sha256 }: NamedObject,
    snapshot: string,
    { createOnly }: { readonly createOnly: boolean },
  ): Promise<boolean> {
    const { store, signal } = this.#tools;
    const known = this.#problems.get(name);
    if (known !== undefined) {
      known.snapshots.push(snapshot);
      return false;
    }
    try {
      const bytes = await store.get(name, { signal, maxBytes: size });
      if (bytes.length !== size) throw new CorruptionError(`has ${bytes.length} bytes instead of ${size}`);
      if (sha256Hex(bytes) !== sha256) {
        throw new CorruptionError("is damaged: its bytes have another SHA-256");
      }
      await this.#target.put(name, bytes, { signal, sha256, createOnly });
      if (this.#missing.delete(name)) {
        this.#objects++;
        this.#bytes += size;
      }
      return true;
    } catch (error) {
      const isLost = error instanceof NotFoundError;
      if (!isLost && !(error instanceof CorruptionError)) throw error;
      this.#problems.set(name, { state: isLost ? "is missing" : error.message, snapshots: [snapshot] });
      return false;
    }
  }

  /** What makes the directory that of a host: who it is, and its sealed keys. */
  async #copyHost(): Promise<void> {
    if (this.#isHostCopied) return;
    const { store, signal } = this.#tools;
    const names = [HOST_NAME];
    for await (const { name } of store.list(KEYS_PREFIX, { signal })) names.push(name);
    for (const name of names) {
      if (await this.#target.size(name, { signal }) === undefined) await this.#copyBeside(name);
    }
    this.#isHostCopied = true;
  }

  /** What stands beside a manifest may go at any time. */
  async #copyBeside(name: string): Promise<void> {
    const { store, signal } = this.#tools;
    try {
      await this.#target.put(name, await store.get(name, { signal }), { signal });
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
  }

  #tellProgress(): void {
    this.#tools.report({
      kind: "progress",
      progress: {
        stage: "copy",
        entriesDone: this.#objects,
        entriesFound: this.#total.objects,
        bytesDone: this.#bytes,
        bytesFound: this.#total.bytes,
        allKnown: true,
        bytesTransferred: 0,
        errors: this.#problems.size,
      },
    });
  }
}
