import { sha256Hex } from "../../base/digest.ts";
import { CorruptionError, ExistsError, NotFoundError } from "../../base/errors.ts";
import { readAhead } from "../../base/read_ahead.ts";
import type { NamedBlob } from "../../model/blob_list.ts";
import type { Manifest } from "../../model/manifest.ts";
import { HOST_NAME, KEYS_PREFIX, manifestName } from "../../model/names.ts";
import type { ObjectStore } from "../../store/store.ts";
import { BlobLists } from "../../read/blob_lists.ts";
import { fetchManifest } from "../../read/fetch_manifest.ts";
import type { HostTools } from "../../read/hosts.ts";
import { decodeStored, isVoid } from "../../read/snapshots.ts";
import { Marked } from "./marked.ts";
import {
  announcementOf,
  BESIDE_MAX,
  contentsOf,
  copiesAtOnce,
  type CopyPlan,
  type CopyProblem,
  type NamedObject,
  type PlannedSnapshot,
} from "./copy_plan.ts";
import { atTarget, unreadable } from "./plan.ts";

/** A snapshot that is being copied. */
interface CopiedSnapshot {
  /** Its manifest as it is stored. */
  readonly stored: Uint8Array;
  readonly manifest: Manifest;
  readonly blobs: readonly NamedBlob[];
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
    for (const { object, state, snapshots } of plan.problems) this.#note(object, state, snapshots);
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

  async copy(planned: PlannedSnapshot): Promise<void> {
    await (planned.isKept ? this.#copyLacking(planned) : this.#copyAll(planned));
  }

  /** What the target lacks of a snapshot that it has: nothing of that is marked for deletion. */
  async #copyLacking({ id, beside }: PlannedSnapshot): Promise<void> {
    const found = await this.#read(atTarget(this.#tools, this.#target), id);
    if (found === undefined || !await this.#copyContents(found.manifest, found.blobs)) return;
    const announcement = announcementOf(found.manifest);
    const isLacking = this.#missing.has(announcement.name);
    if (isLacking && !await this.#copyObject(announcement, id, { createOnly: true })) return;
    for (const name of beside) await this.#copyBeside(name);
    this.#copied.push(id);
  }

  async #copyAll({ id, beside }: PlannedSnapshot): Promise<void> {
    const found = await this.#read(this.#tools, id, this.#lists);
    if (found === undefined) return;
    const { stored, manifest, blobs } = found;
    if (await this.#marked.isNeededBy(manifest, blobs)) return this.#bar(id);
    if (!await this.#copyContents(manifest, blobs)) return;
    await this.#copyHost();
    // As a backup does (FORMAT.md, "Deletion"): announce, again where it was announced before, then look, then the manifest.
    const announcement = announcementOf(manifest);
    const createOnly = this.#missing.has(announcement.name);
    if (!await this.#copyObject(announcement, id, { createOnly })) return;
    if (await this.#marked.isNeededBy(manifest, blobs)) return this.#bar(id);
    for (const name of beside) await this.#copyBeside(name);
    const outcome = await this.#publish(id, stored);
    if (outcome === "published") this.#copied.push(id);
    else if (outcome === "barred") this.#bar(id);
    else this.#note(manifestName(id), `is another one in ${this.#target.location}`, [id]);
  }

  #note(object: string, state: string, snapshots: readonly string[]): void {
    this.#problems.set(object, { state, snapshots: [...snapshots] });
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

  /** `barred` by a prune; `other` where something else is in its place. */
  async #publish(id: string, manifest: Uint8Array): Promise<"published" | "barred" | "other"> {
    const { signal } = this.#tools;
    const name = manifestName(id);
    const sha256 = sha256Hex(manifest);
    try {
      await this.#target.put(name, manifest, { signal, createOnly: true, sha256 });
      return "published";
    } catch (error) {
      if (!(error instanceof ExistsError)) throw error;
      const size = await this.#target.size(name, { signal });
      return size !== undefined && await isVoid(this.#target, { name, size }, signal) ? "barred" : "other";
    }
  }

  /** `undefined` where the snapshot has been removed since the plan was made, or damaged, which is a problem of its own. */
  async #read(from: HostTools, id: string, lists = new BlobLists(from)): Promise<CopiedSnapshot | undefined> {
    try {
      const stored = await fetchManifest(from, id);
      const manifest = decodeStored(from, id, stored);
      return { stored, manifest, blobs: await lists.all(manifest) };
    } catch (error) {
      if (error instanceof CorruptionError) this.#note(manifestName(id), unreadable(error), [id]);
      else if (!(error instanceof NotFoundError)) throw error;
      else this.#tools.report({ kind: "note", text: `${id} was removed meanwhile and is not copied` });
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
      this.#note(name, isLost ? "is missing" : error.message, [snapshot]);
      return false;
    }
  }

  /** What makes the directory that of a host: who it is, and its sealed keys. */
  async #copyHost(): Promise<void> {
    if (this.#isHostCopied) return;
    const { store, signal } = this.#tools;
    const names = [HOST_NAME];
    for await (const { name, size } of store.list(KEYS_PREFIX, { signal })) {
      if (size <= BESIDE_MAX) names.push(name);
    }
    for (const name of names) {
      if (await this.#target.size(name, { signal }) === undefined) await this.#copyBeside(name);
    }
    this.#isHostCopied = true;
  }

  /** What stands beside a manifest may go at any time. */
  async #copyBeside(name: string): Promise<void> {
    const { store, signal, report } = this.#tools;
    try {
      await this.#target.put(name, await store.get(name, { signal, maxBytes: BESIDE_MAX }), { signal });
    } catch (error) {
      if (error instanceof CorruptionError) report({ kind: "warning", text: error.message });
      else if (!(error instanceof NotFoundError)) throw error;
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
