import { CorruptionError } from "../base/errors.ts";
import type { ListRef } from "../model/blob_list.ts";
import type { Manifest } from "../model/manifest.ts";
import { parseContentName, snapshotOfMetadata, SNAPSHOTS_PREFIX } from "../model/names.ts";
import { BlobLists } from "../read/blob_lists.ts";
import { type HostTools, namesKeyOf, trustedHostname } from "../read/hosts.ts";
import { namesIn } from "../read/signed_manifest.ts";
import { noIds } from "./prune/prune_plan.ts";

export interface HostInfo {
  readonly host: string;
  /** Where it is known here. */
  readonly hostname: string | undefined;
  readonly snapshots: number;
  /** Missing where it has no snapshot that can be read. */
  readonly newest: { readonly id: string; readonly at: string; readonly ageMs: number } | undefined;
}

/** What the manifests of a host say together. */
export class Needed {
  snapshots = 0;
  readonly unreadable: string[] = [];
  readonly #tools: HostTools;
  readonly #lists: BlobLists;
  readonly #ids = noIds();
  readonly #snapshotIds = new Set<string>();
  #newest: Pick<Manifest, "id" | "finishedAt"> & Partial<Manifest> | undefined;
  /** Whether it is not known what the manifests name. */
  isListedOnly = false;

  constructor(tools: HostTools) {
    this.#tools = tools;
    this.#lists = new BlobLists(tools);
  }

  async add(manifest: Manifest): Promise<void> {
    this.snapshots++;
    this.#snapshotIds.add(manifest.id);
    if (this.#newest === undefined || manifest.finishedAt > this.#newest.finishedAt) this.#newest = manifest;
    try {
      for (const list of manifest.lists) await this.#addList(list);
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error;
      this.unreadable.push(manifest.id);
    }
    for (const [kind, id] of manifest.tail) this.#ids[kind].addText(id);
  }

  /** A snapshot of which the manifest may not be read. */
  addListed(id: string, stored: Date): void {
    this.snapshots++;
    this.isListedOnly = true;
    const finishedAt = stored.toISOString();
    if (this.#newest === undefined || finishedAt > this.#newest.finishedAt) this.#newest = { id, finishedAt };
  }

  async #addList(list: ListRef): Promise<void> {
    if (this.#ids.lists.has(list[0])) return;
    for (const [kind, id] of await this.#lists.read(list)) this.#ids[kind].addText(id);
    this.#ids.lists.addText(list[0]);
  }

  info(now: Date): HostInfo {
    const { host } = this.#tools;
    const newest = this.#newest;
    return {
      host,
      hostname: this.#hostname() ?? trustedHostname(this.#tools, host),
      snapshots: this.snapshots,
      newest: newest && {
        id: newest.id,
        at: newest.finishedAt,
        ageMs: now.getTime() - Date.parse(newest.finishedAt),
      },
    };
  }

  #hostname(): string | undefined {
    const { host } = this.#tools;
    const { id, names } = this.#newest ?? {};
    if (id === undefined || names === undefined) return undefined;
    return namesIn({ id, names, host }, namesKeyOf(this.#tools, host))?.hostname;
  }

  /** Whether nothing needs the object `name` of the host's directory. */
  isGarbage(name: string): boolean {
    const content = parseContentName(name);
    if (content !== undefined) return !this.#ids[content.kind].has(content.id);
    return name.startsWith(SNAPSHOTS_PREFIX) && !this.#snapshotIds.has(snapshotOfMetadata(name) ?? "");
  }
}
