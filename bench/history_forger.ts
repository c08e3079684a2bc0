import { randomBytes } from "node:crypto";
import { atLeast } from "../src/base/at_least.ts";
import { sha256Hex } from "../src/base/digest.ts";
import { compressFrame } from "../src/blob/zstd.ts";
import { cutLists, encodeList, type ListRef, type NamedBlob } from "../src/model/blob_list.ts";
import type { Entry, Place } from "../src/model/entry.ts";
import type { HostKeys } from "../src/model/host_keys.ts";
import { type BlobKind, blobName, listName, snapshotId } from "../src/model/names.ts";
import { encodePage } from "../src/model/page.ts";
import { type PageLine, splitPage } from "../src/model/page_line.ts";
import { cutPageLists, encodePageRefs, type PageRef } from "../src/model/page_refs.ts";
import { setTag } from "../src/seal/names_key.ts";
import { type Publication, publish } from "../src/write/publish.ts";
import type { HostTools } from "../src/read/hosts.ts";
import { BLOB_BYTES, PAGE_BLOB_BYTES, storeChunks } from "./history_blobs.ts";
import {
  ENTRIES_PER_PAGE,
  entriesOf,
  FILE_BYTES,
  fileOf,
  firstPathOf,
  idOf,
  madeUp,
} from "./history_entries.ts";

const PAGES = 1_000;
const CHANGED_FILES = 20;
/** Among the files of a page, the one that changes. */
const CHANGED_PLACE = 500;
/** Pages that are written together at first. */
const PAGES_AT_ONCE = 50;
const PAGE_BYTES = 250_000;
const MINUTE_MS = 60_000;
const START_MS = Date.parse("2026-01-01T00:00:00Z");

/** Makes up the snapshots of a host one after the other. */
export class Forger {
  readonly #tools: HostTools;
  readonly #keys: HostKeys;
  readonly #recipient: string;
  readonly #blobs: NamedBlob[] = [];
  readonly #pages: PageRef[] = [];
  readonly #lists = new Map<string, ListRef>();
  readonly #pageLists = new Map<string, PageRef>();
  /** Blobs that pages are in, by how many. */
  readonly #used = new Map<string, number>();
  /** By page, where they are wanted. */
  readonly #lines = new Map<number, PageLine[]>();
  #ids = 0;
  path = "";
  /** The files that the snapshot that is made has changed. */
  #changed: { before: Entry[]; after: Entry[] } = { before: [], after: [] };
  /** The id of the snapshot that was made last. */
  #last: string | undefined;

  constructor(tools: HostTools, keys: HostKeys, recipient: string) {
    this.#tools = tools;
    this.#keys = keys;
    this.#recipient = recipient;
  }

  async begin(blobs: number, withPages: boolean): Promise<void> {
    for (let i = 0; i < blobs; i++) this.#blobs.push(["blobs", idOf(this.#ids++), BLOB_BYTES]);
    if (withPages) return await this.#writePages();
    let blob: NamedBlob | undefined;
    for (let i = 0; i < PAGES; i++) {
      if (i % 10 === 0) this.#blobs.push(blob = ["pages", idOf(this.#ids++), PAGE_BLOB_BYTES]);
      this.#pages.push(this.#page(i, blob!, (i % 10) * PAGE_BYTES));
      this.#use(blob![1]);
    }
  }

  async #writePages(): Promise<void> {
    const made: NamedBlob = ["blobs", idOf(this.#ids++), BLOB_BYTES];
    this.#blobs.push(made);
    for (let first = 0; first < PAGES; first += PAGES_AT_ONCE) {
      const numbers = Array.from({ length: PAGES_AT_ONCE }, (_, i) => first + i);
      for (const page of numbers) {
        this.#lines.set(page, splitPage(encodePage(entriesOf(page, (i) => madeUp(made, page * 1000 + i)))));
      }
      const places = await this.#storePages(numbers);
      numbers.forEach((page, i) => {
        const entries = this.#lines.get(page)!.length;
        this.#pages.push({ ...places[i]!, firstPath: firstPathOf(page), entries });
        this.#use(places[i]!.blob);
      });
    }
  }

  /** Brings these pages to the store as they are now. */
  async #storePages(numbers: readonly number[]): Promise<Place[]> {
    const encoder = new TextEncoder();
    return await this.#store(
      "pages",
      numbers.map((page) => encoder.encode(encodePage(this.#lines.get(page)!))),
    );
  }

  #page(number: number, [, blob, blobSize]: NamedBlob, offset: number): PageRef {
    const id = idOf(this.#ids++);
    const firstPath = firstPathOf(number);
    return { firstPath, blob, blobSize, offset, length: PAGE_BYTES, id, entries: ENTRIES_PER_PAGE };
  }

  #use(blob: string): void {
    this.#used.set(blob, (this.#used.get(blob) ?? 0) + 1);
  }

  /** Changes 20 files in 20 pages. Bytes that are added beside chunks and pages. */
  async addSnapshot(number: number, withPages: boolean, isNewest: boolean): Promise<number> {
    const random = new Set<number>();
    while (random.size < CHANGED_FILES) random.add(Math.floor(Math.random() * PAGES));
    // The directories above all files are in the first page.
    if (!withPages && isNewest) random.add(0);
    const changed = [...random].sort((a, b) => a - b);
    this.#changed = { before: [], after: [] };
    if (withPages) await this.#changePages(changed, number);
    else await (isNewest ? this.#changeReally(changed) : this.#change(changed));
    const [before, after] = await this.#storeChanges();
    let added = before.blobSize;
    const { lists: fullPages, tail: pages } = cutPageLists(this.#pages);
    const pageLists: PageRef[] = [];
    const unknown = fullPages.filter((list) => !this.#pageLists.has(keyOf(list)));
    if (unknown.length > 0) added += await this.#storePageLists(unknown);
    for (const list of fullPages) pageLists.push(this.#pageLists.get(keyOf(list))!);
    const others = new Set([...pageLists, before, after].map(({ blob }) => blob));
    const blobs = this.#blobs.filter(([kind, id]) =>
      kind === "blobs" || (this.#used.get(id) ?? 0) > 0 || others.has(id)
    );
    const { lists: full, tail } = cutLists(blobs);
    const lists: ListRef[] = [];
    for (const list of full) {
      const [ref, bytes] = await this.#storeList(list);
      lists.push(ref);
      added += bytes;
    }
    const storedBytes = blobs.length * BLOB_BYTES;
    const changes = this.#last === undefined ? undefined : { since: this.#last, before, after };
    return added + await this.#publish(number, { pageLists, pages, changes, lists, tail, storedBytes });
  }

  /** Where it is recorded what has changed. */
  async #storeChanges(): Promise<[PageRef, PageRef]> {
    const { before, after } = this.#changed;
    const texts = [before, after].map((entries) => new TextEncoder().encode(encodePage(entries)));
    const [old, now] = atLeast(2, await this.#store("pages", texts));
    const about = { firstPath: after[0]!.path, entries: after.length };
    return [{ ...old, ...about }, { ...now, ...about }];
  }

  /** File 500 of a page has other contents. */
  #note(page: number, before: Place, after: Place): void {
    this.#changed.before.push(fileOf(page, CHANGED_PLACE, before));
    this.#changed.after.push(fileOf(page, CHANGED_PLACE, after));
  }

  /** Bytes of snapshot and manifest. */
  async #publish(
    number: number,
    { pageLists, pages, changes, ...needed }:
      & Pick<Publication, "lists" | "tail" | "storedBytes">
      & Pick<Publication["snapshot"], "pageLists" | "pages" | "changes">,
  ): Promise<number> {
    const time = new Date(START_MS + number * MINUTE_MS).toISOString();
    const totals = { files: PAGES * ENTRIES_PER_PAGE, directories: PAGES, others: 0, bytes: 10 ** 12 };
    const id = snapshotId(new Date(time), randomBytes(5), setTag("data", this.#keys.namesKey));
    this.#last = id;
    const { manifest, sealed } = await publish(this.#tools, {
      snapshot: {
        id,
        host: this.#tools.host,
        hostname: "web1",
        name: "data",
        startedAt: time,
        finishedAt: time,
        roots: ["/data"],
        options: {},
        totals,
        chunker: { seed: this.#keys.chunkerSeed, average: 1 << 20 },
        errors: [],
        pageLists,
        pages,
        ...changes && { changes },
      },
      ...needed,
      incomplete: false,
      suspicious: false,
      recipients: [this.#recipient],
      publicNames: false,
      keys: this.#keys,
    });
    return manifest.length + sealed.length;
  }

  #change(changed: readonly number[]): void {
    const data: NamedBlob = ["blobs", idOf(this.#ids++), CHANGED_FILES * FILE_BYTES];
    this.#blobs.push(data);
    for (const page of changed) this.#note(page, madeUp(data, this.#ids++), madeUp(data, this.#ids++));
    const blob: NamedBlob = ["pages", idOf(this.#ids++), PAGE_BLOB_BYTES];
    this.#blobs.push(blob);
    changed.forEach((page, i) => this.#replace(page, this.#page(page, blob, i * PAGE_BYTES)));
  }

  /** As {@link #change}, with the pages, but chunks that are made up. */
  async #changePages(changed: readonly number[], snapshot: number): Promise<void> {
    const blob: NamedBlob = ["blobs", idOf(this.#ids++), CHANGED_FILES * FILE_BYTES];
    this.#blobs.push(blob);
    const mtime = String(BigInt(START_MS + snapshot * MINUTE_MS) * 1_000_000n);
    for (const page of changed) {
      const lines = this.#lines.get(page)!;
      const place = lines.findIndex((line) => line.kind === "file") + CHANGED_PLACE;
      const entry = { ...lines[place]!.decode(), mtime, chunks: [madeUp(blob, this.#ids++)] };
      this.#changed.before.push(lines[place]!.decode());
      this.#changed.after.push(entry);
      lines[place] = splitPage(encodePage([entry]))[0]!;
      this.path = entry.path;
    }
    const places = await this.#storePages(changed);
    changed.forEach((page, i) => {
      const { firstPath, entries } = this.#pages[page]!;
      this.#replace(page, { ...places[i]!, firstPath, entries });
    });
  }

  /** As {@link #change}, with the chunks and pages of the changed files, so that they can be restored. */
  async #changeReally(changed: readonly number[]): Promise<void> {
    const contents = changed.map(() => randomBytes(FILE_BYTES));
    const chunks = await this.#store("blobs", contents);
    changed.forEach((page, i) => this.#note(page, { ...chunks[i]!, id: idOf(page) }, chunks[i]!));
    const texts = changed.map((page, i) =>
      new TextEncoder().encode(
        encodePage(
          entriesOf(page, (file) => file === 500 ? chunks[i]! : { ...chunks[i]!, id: idOf(page), offset: 0 }),
        ),
      )
    );
    const places = await this.#store("pages", texts);
    changed.forEach((page, i) => {
      const { firstPath, entries } = this.#pages[page]!;
      this.#replace(page, { ...places[i]!, firstPath, entries });
    });
    this.path = `/data/directory-${String(changed[0]).padStart(6, "0")}/file-500`;
  }

  #replace(page: number, ref: PageRef): void {
    const { blob } = this.#pages[page]!;
    this.#used.set(blob, this.#used.get(blob)! - 1);
    this.#pages[page] = ref;
    this.#use(ref.blob);
  }

  async #storeList(blobs: readonly NamedBlob[]): Promise<[ListRef, number]> {
    const key = sha256Hex(new TextEncoder().encode(blobs.map(([, id]) => id).join("")));
    const known = this.#lists.get(key);
    if (known !== undefined) return [known, 0];
    const bytes = compressFrame(new TextEncoder().encode(encodeList(blobs)), 9);
    const id = sha256Hex(bytes);
    await this.#tools.store.put(listName(id), bytes);
    const ref: ListRef = [id, bytes.length, blobs.length];
    this.#lists.set(key, ref);
    return [ref, bytes.length];
  }

  async #storePageLists(lists: readonly (readonly PageRef[])[]): Promise<number> {
    const texts = lists.map((list) => new TextEncoder().encode(encodePageRefs(list)));
    const places = await this.#store("pages", texts);
    lists.forEach((list, i) => {
      this.#pageLists.set(keyOf(list), {
        ...places[i]!,
        firstPath: list[0]!.firstPath,
        entries: list.length,
      });
    });
    return [...new Map(places.map(({ blob, blobSize }) => [blob, blobSize])).values()]
      .reduce((sum, size) => sum + size, 0);
  }

  /** Where some chunks (or pages) are, each stored once. */
  async #store(kind: BlobKind, chunks: readonly Uint8Array[]): Promise<Place[]> {
    return await storeChunks(chunks, { kind, recipient: this.#recipient }, async (blob, bytes) => {
      await this.#tools.store.put(blobName(kind, blob[1]), bytes);
      this.#blobs.push(blob);
    });
  }
}

function keyOf(list: readonly PageRef[]): string {
  return list.map(({ id }) => id).join("");
}
