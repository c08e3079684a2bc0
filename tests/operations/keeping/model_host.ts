import { atLeast } from "../../../src/base/at_least.ts";
import { sha256Hex } from "../../../src/base/digest.ts";
import { type ListRef, type NamedBlob } from "../../../src/model/blob_list.ts";
import type { HostKeys } from "../../../src/model/host_keys.ts";
import {
  type BlobKind,
  blobName,
  ID_RANDOM_BYTES,
  listName,
  manifestName,
  snapshotId,
} from "../../../src/model/names.ts";
import type { Manifest } from "../../../src/model/manifest.ts";
import { Looks } from "../../../src/operations/backup/looks.ts";
import { type MarkNotes, PruneWatch } from "../../../src/operations/backup/prune_watch.ts";
import { publish, storeList } from "../../../src/write/publish.ts";
import { publishAgain } from "../../../src/operations/backup/publish_again.ts";
import { BlobLists } from "../../../src/read/blob_lists.ts";
import { hostOf } from "../../../src/read/sealed_keys.ts";
import { announceHost } from "../../../src/write/announce_host.ts";
import type { HostTools } from "../../../src/read/hosts.ts";
import { newNamesKey, setTag } from "../../../src/seal/names_key.ts";
import { newSigningKey } from "../../../src/seal/signature.ts";
import type { ObjectStore } from "../../../src/store/store.ts";
import type { Handlers } from "../../../src/threads/rpc.ts";
import { direct } from "../../threads/direct.ts";
import { KEYS } from "../machine.ts";

const CHUNKS_PER_BLOB = 3;
/** A list ends after one in so many blobs. */
const BLOBS_PER_LIST = 3;
const WEEK_MS = 7 * 24 * 3_600_000;

type Files = ReadonlyMap<string, string>;

/** A page: the files, and in which blob the contents of each are. */
type PageText = Record<string, readonly [contents: string, blob: string]>;

interface Blob {
  readonly kind: BlobKind;
  readonly size: number;
  readonly contents: readonly string[];
}

/** All that a snapshot is made of. */
interface ModelScan {
  readonly files: Files;
  /** In the order in which they were stored. */
  readonly blobs: readonly NamedBlob[];
}

/** What a host remembers: it outlives a crash, as an index does. */
class ModelIndex {
  readonly blobs = new Map<string, Blob>();
  /** Blob by contents: a file's, or a page's text. */
  readonly places: Record<BlobKind, Map<string, string>> = { blobs: new Map(), pages: new Map() };
  readonly uploads = new Map<string, Blob>();
  /** Stored lists, by the ids of the blobs that they name. */
  readonly lists = new Map<string, ListRef>();
  lastSnapshot: { readonly id: string; readonly size: number } | undefined;
  seen: readonly string[] | undefined;
  isNew = true;
  isAnnounced = false;

  stored(id: string, blob: Blob): void {
    this.uploads.delete(id);
    this.blobs.set(id, blob);
    for (const contents of blob.contents) {
      if (!this.places[blob.kind].has(contents)) this.places[blob.kind].set(contents, id);
    }
  }

  forget(ids: readonly string[]): string[] {
    const known = ids.filter((id) => this.blobs.delete(id));
    for (const places of Object.values(this.places)) {
      for (const [contents, blob] of places) if (known.includes(blob)) places.delete(contents);
    }
    return known;
  }

  forgetLists(isLost: (list: ListRef) => boolean): string[] {
    const lost = [...this.lists].filter(([, list]) => isLost(list));
    for (const [key] of lost) this.lists.delete(key);
    return lost.map(([, [id]]) => id);
  }

  /** Forgets what is not in the store, given the sizes of what is. */
  reconcile(stored: ReadonlyMap<string, number>): string[] {
    this.lastSnapshot = undefined;
    const lost = [...this.blobs].filter(([id, { kind, size }]) => stored.get(blobName(kind, id)) !== size);
    const lists = this.forgetLists(([id, size]) => stored.get(listName(id)) !== size);
    return [...this.forget(lost.map(([id]) => id)), ...lists];
  }
}

/**
 * A host in little: files are one chunk each, blobs hold some, and one page has all. What decides about deletion is the program's own:
 * announcing, looking at what is marked for deletion, going back, lists and the manifest.
 */
export class ModelHost {
  readonly hostname: string;
  /** How wrong the clock of this host is: by up to a week. */
  readonly skewMs: number;
  readonly files = new Map<string, string>();
  readonly index = new ModelIndex();
  readonly #random: () => number;
  readonly host: string;
  readonly #keys: HostKeys = {
    signingKey: newSigningKey(),
    chunkerSeed: "00".repeat(32),
    namesKey: newNamesKey(),
  };
  /** Files of each snapshot that was, or may have been, published. */
  readonly #expected: Map<string, Files>;

  constructor(hostname: string, random: () => number, expected: Map<string, Files>) {
    this.hostname = hostname;
    this.host = hostOf(this.#keys);
    this.#random = random;
    this.skewMs = Math.round((random() - 0.5) * 2 * WEEK_MS);
    this.#expected = expected;
  }

  /** What the index thread of a backup serves to those that look at what is marked for deletion. */
  readonly #marks: Handlers<MarkNotes> = {
    seenRecords: () => ({ names: this.index.seen }),
    noteRecords: (names) => void (this.index.seen = names),
    forgetMarked: ({ pages, blobs, lists }) => [
      ...this.index.forget([...pages, ...blobs]),
      ...this.index.forgetLists(([id]) => lists.includes(id)),
    ],
    reconcile: (stored) => this.index.reconcile(stored),
  };

  async backUp(tools: HostTools): Promise<void> {
    const { index } = this;
    const looks = new Looks(tools);
    const watch = new PruneWatch(tools, looks, direct(this.#marks));
    for (const [id, blob] of [...index.uploads]) {
      const size = await looks.size(blobName(blob.kind, id));
      if (size === blob.size) index.stored(id, blob);
      else index.uploads.delete(id);
    }
    const last = index.lastSnapshot;
    if (last !== undefined && await looks.size(manifestName(last.id)) !== last.size) {
      index.reconcile(await looks.storedBlobs());
    }
    if (index.isNew) await watch.begin();
    index.isNew = false;
    if (!index.isAnnounced) {
      await announceHost(tools, this.#keys, { hostname: this.hostname, recipients: [KEYS.recipient] });
    }
    index.isAnnounced = true;
    const startedAt = tools.now();
    const set = setTag("files", this.#keys.namesKey);
    const { id, manifestSize } = await publishAgain({
      report: tools.report,
      newId: () => snapshotId(startedAt, this.#randomBytes(ID_RANDOM_BYTES), set),
      scan: () => this.#scan(tools.store),
      publishAs: (result, id) => this.#publish(tools, watch, { result, id, startedAt }),
    });
    index.lastSnapshot = { id, size: manifestSize };
  }

  async #scan(store: ObjectStore): Promise<ModelScan> {
    const files: Files = new Map(this.files);
    const fresh = [...new Set(files.values())].filter((contents) => !this.index.places.blobs.has(contents));
    for (let at = 0; at < fresh.length; at += CHUNKS_PER_BLOB) {
      await this.#store(store, "blobs", fresh.slice(at, at + CHUNKS_PER_BLOB));
    }
    const page: PageText = {};
    for (const [path, contents] of files) page[path] = [contents, this.index.places.blobs.get(contents)!];
    const text = JSON.stringify(page);
    if (!this.index.places.pages.has(text)) await this.#store(store, "pages", [text]);
    const needed = new Set([
      this.index.places.pages.get(text)!,
      ...Object.values(page).map(([, blob]) => blob),
    ]);
    const stored = [...this.index.blobs].filter(([id]) => needed.has(id));
    return { files, blobs: stored.map(([id, { kind, size }]): NamedBlob => [kind, id, size]) };
  }

  async #store(store: ObjectStore, kind: BlobKind, contents: readonly string[]): Promise<void> {
    const bytes = new TextEncoder().encode(JSON.stringify({ nonce: this.#random(), contents }));
    const id = sha256Hex(bytes);
    const blob = { kind, size: bytes.length, contents };
    this.index.uploads.set(id, blob);
    await store.put(blobName(kind, id), bytes, { sha256: id, createOnly: true });
    this.index.stored(id, blob);
  }

  /** The lists of a snapshot, those that are new stored, and what follows them. */
  async #storeLists(tools: HostTools, blobs: readonly NamedBlob[]) {
    const lists: ListRef[] = [];
    let tail: NamedBlob[] = [];
    for (const blob of blobs) {
      tail.push(blob);
      if (parseInt(blob[1].slice(-4), 16) % BLOBS_PER_LIST !== 0) continue;
      const key = tail.map(([, id]) => id).join();
      if (!this.index.lists.has(key)) this.index.lists.set(key, await storeList(tools, tail));
      lists.push(this.index.lists.get(key)!);
      tail = [];
    }
    return { lists, tail };
  }

  #randomBytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.#random() * 256);
  }

  async #publish(
    tools: HostTools,
    watch: PruneWatch,
    { result, id, startedAt }: {
      readonly result: ModelScan;
      readonly id: string;
      readonly startedAt: Date;
    },
  ): Promise<number> {
    const { files, blobs } = result;
    const { lists, tail } = await this.#storeLists(tools, blobs);
    const snapshot = {
      id,
      host: this.host,
      hostname: this.hostname,
      name: "files",
      startedAt: startedAt.toISOString(),
      finishedAt: tools.now().toISOString(),
      roots: [],
      options: {},
      totals: { files: files.size, directories: 0, others: 0, bytes: 0 },
      chunker: { seed: this.#keys.chunkerSeed, average: 0 },
      errors: [],
      pageLists: [],
      pages: [],
    };
    const publication = {
      snapshot,
      lists,
      tail,
      storedBytes: 0,
      incomplete: false,
      suspicious: false,
      recipients: [KEYS.recipient],
      publicNames: false,
      keys: this.#keys,
    };
    const { manifest } = await publish(tools, publication, () => {
      this.#expected.set(id, files); // announced, so the id is ours
      return watch.look(new Set([...blobs.map(([, id]) => id), ...lists.map(([id]) => id)]));
    });
    return manifest.length;
  }
}

/** Reads a snapshot of a {@link ModelHost} back, from its page and blobs. */
export async function restoreModel(tools: HostTools, manifest: Manifest): Promise<Files> {
  const read = async (kind: BlobKind, id: string) => {
    const bytes = await tools.store.get(blobName(kind, id));
    if (sha256Hex(bytes) !== id) throw new Error(`${kind}/${id} has other bytes`);
    return JSON.parse(new TextDecoder().decode(bytes)).contents as string[];
  };
  const [[, pageId]] = atLeast(
    1,
    (await new BlobLists(tools).all(manifest)).filter(([kind]) => kind === "pages"),
  );
  const page: PageText = JSON.parse((await read("pages", pageId))[0]!);
  const files = new Map<string, string>();
  for (const [path, [contents, blob]] of Object.entries(page)) {
    if (!(await read("blobs", blob)).includes(contents)) {
      throw new Error(`${blob} lacks the contents of ${path}`);
    }
    files.set(path, contents);
  }
  return files;
}
