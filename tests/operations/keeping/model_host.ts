import { sha256Hex } from "../../../src/base/digest.ts";
import { type BlobKind, blobName, manifestName } from "../../../src/model/names.ts";
import type { PruneRecord } from "../../../src/model/prune_record.ts";
import type { StoredObject } from "../../../src/model/manifest.ts";
import { Looks } from "../../../src/operations/backup/looks.ts";
import { PruneWatch } from "../../../src/operations/backup/prune_watch.ts";
import { publish } from "../../../src/operations/backup/publish.ts";
import { publishAnew } from "../../../src/operations/backup/publish_anew.ts";
import type { Tools } from "../../../src/operations/options.ts";
import { newSigningKey } from "../../../src/seal/signature.ts";
import type { ObjectStore } from "../../../src/store/store.ts";
import { KEYS } from "../machine.ts";

const CHUNKS_PER_BLOB = 3;
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
  readonly pages: readonly StoredObject[];
  readonly blobs: readonly StoredObject[];
}

/** What a host remembers: it outlives a crash, as an index does. */
class ModelIndex {
  readonly blobs = new Map<string, Blob>();
  /** Blob by contents: a file's, or a page's text. */
  readonly places: Record<BlobKind, Map<string, string>> = { blobs: new Map(), pages: new Map() };
  readonly uploads = new Map<string, Blob>();
  lastSnapshot: { readonly id: string; readonly size: number } | undefined;
  seen: readonly string[] | undefined;
  isNew = true;

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
}

/**
 * A host in little: files are one chunk each, blobs hold some, and one page has all. What decides about deletion is the program's own:
 * announcing, looking at what is condemned, going back, and the manifest.
 */
export class ModelHost {
  readonly hostname: string;
  /** How wrong the clock of this host is: by up to a week. */
  readonly skewMs: number;
  readonly files = new Map<string, string>();
  readonly index = new ModelIndex();
  readonly #random: () => number;
  readonly #signingKey = newSigningKey();
  /** Files of each snapshot that was, or may have been, published. */
  readonly #expected: Map<string, Files>;

  constructor(hostname: string, random: () => number, expected: Map<string, Files>) {
    this.hostname = hostname;
    this.#random = random;
    this.skewMs = Math.round((random() - 0.5) * 2 * WEEK_MS);
    this.#expected = expected;
  }

  async backUp(tools: Tools): Promise<void> {
    const { index } = this;
    const looks = new Looks(tools);
    const watch = new PruneWatch(tools, looks, {
      call: (method, argument) => this.#serve(method, argument) as never,
    });
    for (const [id, blob] of [...index.uploads]) {
      const size = await looks.size(blobName(blob.kind, id));
      if (size === blob.size) index.stored(id, blob);
      else index.uploads.delete(id);
    }
    const last = index.lastSnapshot;
    if (last !== undefined && await looks.size(manifestName(last.id)) !== last.size) {
      this.#serve("reconcile", await looks.storedBlobs());
    }
    if (index.isNew) await watch.begin();
    index.isNew = false;
    const startedAt = tools.now();
    const { id, manifestSize } = await publishAnew({
      hostname: this.hostname,
      name: "files",
      startedAt,
      report: tools.report,
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
    const object = (id: string): StoredObject => [id, this.index.blobs.get(id)!.size];
    return {
      files,
      pages: [object(this.index.places.pages.get(text)!)],
      blobs: [...new Set(Object.values(page).map(([, blob]) => blob))].sort().map(object),
    };
  }

  async #store(store: ObjectStore, kind: BlobKind, contents: readonly string[]): Promise<void> {
    const bytes = new TextEncoder().encode(JSON.stringify({ nonce: this.#random(), contents }));
    const id = sha256Hex(bytes);
    const blob = { kind, size: bytes.length, contents };
    this.index.uploads.set(id, blob);
    await store.put(blobName(kind, id), bytes, { sha256: id, createOnly: true });
    this.index.stored(id, blob);
  }

  async #publish(
    tools: Tools,
    watch: PruneWatch,
    { result, id, startedAt }: {
      readonly result: ModelScan;
      readonly id: string;
      readonly startedAt: Date;
    },
  ): Promise<number> {
    const { files, pages, blobs } = result;
    const snapshot = {
      id,
      hostId: this.hostname,
      hostname: this.hostname,
      name: "files",
      startedAt: startedAt.toISOString(),
      finishedAt: tools.now().toISOString(),
      roots: [],
      options: {},
      totals: { files: files.size, directories: 0, others: 0, bytes: 0 },
      chunker: { seed: "", average: 0 },
      errors: [],
      pages: [],
    };
    const publication = {
      snapshot,
      pages,
      blobs,
      incomplete: false,
      recipients: [KEYS.recipient],
      signingKey: this.#signingKey,
    };
    const { manifest } = await publish(tools, publication, () => {
      this.#expected.set(id, files); // announced, so the id is ours
      return watch.look(new Set([...pages, ...blobs].map(([id]) => id)));
    });
    return manifest.length;
  }

  #serve(method: string, argument: unknown): unknown {
    const { index } = this;
    switch (method) {
      case "seenRecords":
        return { names: index.seen };
      case "noteRecords":
        return void (index.seen = argument as string[]);
      case "condemn":
        return index.forget([...(argument as PruneRecord).pages, ...(argument as PruneRecord).blobs]);
      case "reconcile": {
        const stored = argument as ReadonlyMap<string, number>;
        index.lastSnapshot = undefined;
        const lost = [...index.blobs].filter(([id, { kind, size }]) =>
          stored.get(blobName(kind, id)) !== size
        );
        return index.forget(lost.map(([id]) => id));
      }
      default:
        throw new Error(`The model does not serve ${method}`);
    }
  }
}

/** Reads a snapshot of a {@link ModelHost} back, from its page and blobs. */
export async function restoreModel(store: ObjectStore, pages: readonly StoredObject[]): Promise<Files> {
  const read = async (kind: BlobKind, id: string) => {
    const bytes = await store.get(blobName(kind, id));
    if (sha256Hex(bytes) !== id) throw new Error(`${kind}/${id} has other bytes`);
    return JSON.parse(new TextDecoder().decode(bytes)).contents as string[];
  };
  const page: PageText = JSON.parse((await read("pages", pages[0][0]))[0]);
  const files = new Map<string, string>();
  for (const [path, [contents, blob]] of Object.entries(page)) {
    if (!(await read("blobs", blob)).includes(contents)) {
      throw new Error(`${blob} lacks the contents of ${path}`);
    }
    files.set(path, contents);
  }
  return files;
}
