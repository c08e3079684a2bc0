import { sha256Hex } from "../../../src/base/digest.ts";
import { decompressAll } from "../../../src/blob/zstd.ts";
import { decodeList, nameOf } from "../../../src/model/blob_list.ts";
import { type Manifest, VOID_MANIFEST } from "../../../src/model/manifest.ts";
import {
  hostPrefix,
  listName,
  snapshotName,
  snapshotOfManifest,
  splitHostName,
} from "../../../src/model/names.ts";
import { openManifest } from "../../../src/read/signed_manifest.ts";
import { MemoryStore } from "../../../src/store/memory.ts";
import type { CallOptions, PutOptions } from "../../../src/store/store.ts";

/** A snapshot that is listed, and the names of all objects that it needs. */
export interface WatchedSnapshot {
  readonly host: string;
  readonly manifest: Manifest;
  readonly needed: ReadonlySet<string>;
}

/**
 * A store that watches over the promise: whatever is done to it, every snapshot whose manifest is there has all its objects. It says so at the
 * very call that breaks it.
 */
export class OracleStore extends MemoryStore {
  readonly violations: string[] = [];
  /** By id. */
  readonly snapshots = new Map<string, WatchedSnapshot>();
  /** By name. */
  readonly #hashes = new Map<string, string>();

  get names(): Iterable<string> {
    return this.#hashes.keys();
  }

  override async put(name: string, bytes: Uint8Array, options: PutOptions = {}): Promise<void> {
    const isThere = this.#hashes.has(name);
    await super.put(name, bytes, options);
    this.#hashes.set(name, sha256Hex(bytes));
    const { host, rest } = splitHostName(name)!;
    const id = snapshotOfManifest(rest);
    if (id === undefined) return;
    const isVoid = bytes.length === VOID_MANIFEST.length;
    if (isThere && isVoid && this.snapshots.has(id)) {
      this.#note(`${id} was replaced by a void`);
    }
    if (isVoid) return void this.snapshots.delete(id);
    const manifest = openManifest(bytes, host, id);
    const needed = new Set(await this.#neededBy(host, manifest));
    this.snapshots.set(id, { host, manifest, needed });
    for (const one of needed) {
      if (!this.#hashes.has(one)) this.#note(`${id} was written and lacks ${one}`);
    }
  }

  override async remove(name: string, options?: CallOptions): Promise<void> {
    await super.remove(name, options);
    this.#hashes.delete(name);
    const id = snapshotOfManifest(splitHostName(name)!.rest);
    if (id !== undefined) this.snapshots.delete(id);
    for (const [id, { needed }] of this.snapshots) {
      if (needed.has(name)) this.#note(`${name} was removed, which ${id} needs`);
    }
  }

  /** All that is in the directory of each host: names and hashes. */
  directories(): Map<string, string> {
    const lines = [...this.#hashes].map(([name, hash]) => `${name} ${hash}`).sort();
    const byHost = Map.groupBy(lines, (line) => splitHostName(line)!.host);
    return new Map([...byHost].map(([host, own]) => [host, own.join("\n")]));
  }

  async #neededBy(host: string, { id, lists, tail }: Manifest): Promise<string[]> {
    const needed = [snapshotName(id), ...tail.map(nameOf)];
    for (const [list] of lists) {
      needed.push(listName(list));
      const name = hostPrefix(host) + listName(list);
      if (!this.#hashes.has(name)) continue;
      const text = new TextDecoder().decode(decompressAll(await this.get(name), 1 << 24));
      needed.push(...decodeList(text).map(nameOf));
    }
    return needed.map((name) => hostPrefix(host) + name);
  }

  #note(text: string): void {
    this.violations.push(text);
  }
}
