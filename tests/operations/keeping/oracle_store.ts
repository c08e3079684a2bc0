import { decompressAll } from "../../../src/blob/zstd.ts";
import { decodeManifest, type Manifest, splitSignature, VOID_MANIFEST } from "../../../src/model/manifest.ts";
import { blobName, snapshotName, snapshotOfManifest } from "../../../src/model/names.ts";
import { MemoryStore } from "../../../src/store/memory.ts";
import type { CallOptions, PutOptions } from "../../../src/store/store.ts";

/**
 * A store that watches over the promise: whatever is done to it, every snapshot whose manifest is there has all its objects. It says so at the
 * very call that breaks it.
 */
export class OracleStore extends MemoryStore {
  readonly violations: string[] = [];
  readonly manifests = new Map<string, Manifest>();
  readonly #names = new Set<string>();

  get names(): ReadonlySet<string> {
    return this.#names;
  }

  override async put(name: string, bytes: Uint8Array, options: PutOptions = {}): Promise<void> {
    const isThere = this.#names.has(name);
    await super.put(name, bytes, options);
    this.#names.add(name);
    const id = snapshotOfManifest(name);
    if (id === undefined) return;
    const isVoid = bytes.length === VOID_MANIFEST.length;
    if (isThere && isVoid && this.manifests.has(id)) {
      this.#note(`${id} was replaced by a void`);
    }
    if (isVoid) return void this.manifests.delete(id);
    const text = new TextDecoder().decode(decompressAll(bytes, 1 << 24));
    this.manifests.set(id, decodeManifest(splitSignature(text).text));
    for (const needed of neededBy(this.manifests.get(id)!)) {
      if (!this.#names.has(needed)) this.#note(`${id} was written and lacks ${needed}`);
    }
  }

  override async remove(name: string, options?: CallOptions): Promise<void> {
    await super.remove(name, options);
    this.#names.delete(name);
    const id = snapshotOfManifest(name);
    if (id !== undefined) this.manifests.delete(id);
    for (const manifest of this.manifests.values()) {
      for (const needed of neededBy(manifest)) {
        if (needed === name) this.#note(`${name} was removed, which ${manifest.id} needs`);
      }
    }
  }

  #note(text: string): void {
    this.violations.push(text);
  }
}

/** Names of all objects that a snapshot needs. */
export function* neededBy({ id, pages, blobs }: Manifest): Generator<string> {
  yield snapshotName(id);
  for (const [page] of pages) yield blobName("pages", page);
  for (const [blob] of blobs) yield blobName("blobs", blob);
}
