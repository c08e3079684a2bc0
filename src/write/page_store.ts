import { fromHex, release, toHex } from "../base/bytes.ts";
import { Mutex } from "../base/mutex.ts";
import { sha256, sha256Hex } from "../base/digest.ts";
import { FrameCompressor } from "../blob/frame_compressor.ts";
import { compressFrame } from "../blob/zstd.ts";
import type { Index } from "../index/index.ts";
import type { PageSummary } from "../index/known_page.ts";
import type { Entry, Place } from "../model/entry.ts";
import { encodeListPage, PageEncoder } from "../model/page.ts";
import { type PageHead } from "../model/page_head.ts";
import { cutListPages } from "../model/page_cut.ts";
import { type PathAlias, realPath } from "../model/path_alias.ts";
import { encodePageRefs, type PageRef } from "../model/page_refs.ts";
import { ParentDirectory } from "../platform/no_links.ts";
import { SystemError } from "../platform/read.ts";
import { S_IFREG, Stat } from "../platform/stat.ts";
import type { OnLostXattr } from "../platform/xattrs.ts";
import { describe, describeFile, describeMade, type EntryDraft, kindOf, xattrsOf } from "../scan/describe.ts";
import { hasVanished } from "../scan/level.ts";
import type { StreamEntries } from "../scan/stream_entries.ts";
import type { BlobWriter } from "./blob_writer.ts";
import type { ChangedEntries } from "./changed_entries.ts";
import type { ChunkClaims } from "./chunk_claims.ts";
import { ChunkSlots, type SlotsByFile } from "./chunk_slots.ts";
import { count, emptyContents, type PageContents } from "./page_contents.ts";
import type { PageDraft } from "./page_draft.ts";
import type { EntryEvents } from "../scan/scan_events.ts";

/** A file with more chunks than this keeps them in list pages of its own. */
const CHUNKS_IN_ENTRY = 1024;
/** A page with so many bytes ends: files of a thousand chunks, or with large attributes, would make one that no reader takes. */
const TEXT_BYTES = 16 * 1024 * 1024;

const encoder = new TextEncoder();
const noWaiter = { wait() {}, arrived() {} };

export interface PageParts {
  readonly events: EntryEvents;
  readonly streams: StreamEntries;
  readonly aliases: readonly PathAlias[];
}

/** Turns finished drafts into pages of the index, and brings to the store the pages that it has not. */
export class PageStore {
  readonly #index: Index;
  readonly #claims: ChunkClaims;
  readonly #writer: BlobWriter;
  readonly #level: number;
  readonly #events: EntryEvents;
  readonly #streams: StreamEntries;
  readonly #aliases: readonly PathAlias[];
  readonly #writing = new Mutex();
  readonly #stat = new Stat();
  readonly #encoder = new PageEncoder();
  readonly #compressor: FrameCompressor;

  constructor(
    index: Index,
    claims: ChunkClaims,
    writer: BlobWriter,
    compressionLevel: number,
    { events, streams, aliases }: PageParts,
  ) {
    this.#index = index;
    this.#claims = claims;
    this.#writer = writer;
    this.#level = compressionLevel;
    this.#compressor = new FrameCompressor(compressionLevel, { checksum: true });
    this.#events = events;
    this.#streams = streams;
    this.#aliases = aliases;
  }

  /** Numbers of the entries that need list pages and have none yet. */
  unlisted(draft: PageDraft): number[] {
    if (draft.lists.size > 0 || draft.chunks.size <= CHUNKS_IN_ENTRY) return [];
    const byFile = draft.chunks.byFile(draft.paths.length);
    return draft.paths.keys().filter((i) => byFile.count(i) > CHUNKS_IN_ENTRY).toArray();
  }

  /** Writes list pages for these entries; the draft waits for them to be stored. */
  list(draft: PageDraft, long: readonly number[]): Promise<void> {
    draft.wait();
    const byFile = draft.chunks.byFile(draft.paths.length);
    for (const i of long) draft.lists.set(i, new ChunkSlots(draft));
    return this.#writing.run(async () => {
      for (const i of long) {
        await this.#writeLists(draft.lists.get(i)!, this.#places(draft.chunks, byFile.of(i)));
      }
      draft.arrived();
    });
  }

  /**
   * Keeps the page in the index, and notes in `changes` what is in it that was not kept. None where no entry is left in it, several where
   * its text would be too large for one.
   */
  keep(snapshot: string, draft: PageDraft, changes?: ChangedEntries): PageSummary[] {
    const byFile = draft.chunks.byFile(draft.paths.length);
    const pages: PageSummary[] = [];
    for (let start = 0; start < draft.paths.length;) {
      const contents = this.#encode(draft, start, byFile, changes);
      if (contents.entries > 0) pages.push(this.#keepPart(snapshot, draft, contents));
      start = contents.end;
    }
    return pages;
  }

  #keepPart(snapshot: string, draft: PageDraft, { lists, ...contents }: PageContents): PageSummary {
    const { start, end, ...counts } = contents;
    const paths = draft.paths.slice(start, end).filter((_, i) => !draft.isOmitted(start + i));
    const { head } = this.#encoder;
    const text = this.#encoder.finish();
    const frame = this.#compressor.compress(text);
    const stamps = draft.stamps(contents);
    const page = this.#index.pages.add(snapshot, {
      firstPath: paths[0]!,
      lastPath: paths[paths.length - 1]!,
      id: sha256Hex(text),
      length: text.length,
      ...counts,
      blobs: this.#blobsOf(head, lists),
      links: draft.links(contents),
      stamps,
      frame,
    });
    for (const bytes of [text, stamps]) release(bytes);
    this.#compressor.giveBack(frame);
    return page;
  }

  /** Adds the pages that the store has not, and `more` texts of pages; resolves, with the number of the former, when it has all. */
  async bring(pages: readonly PageSummary[], more: readonly Uint8Array[] = []): Promise<number> {
    let brought = 0;
    for (const page of pages) {
      const id = fromHex(page.id);
      const slots = new ChunkSlots(noWaiter);
      if (!this.#claims.claim(slots, 0, id, 0, page.length)) continue;
      await this.#writer.addFrame(this.#index.pages.frame(page.number), page.length, id);
      brought++;
    }
    for (const text of more) await this.#add(text);
    await this.#writer.flush();
    return brought;
  }

  /** Adds a text that the store has not; its id. */
  async #add(text: Uint8Array): Promise<Uint8Array> {
    const id = sha256(text);
    if (this.#claims.claim(new ChunkSlots(noWaiter), 0, id, 0, text.length)) {
      await this.#writer.addFrame(compressFrame(text, this.#level), text.length, id);
    }
    return id;
  }

  /** Stores the lists of pages that the store has not; where each is, in the order of `lists`. */
  async bringLists(lists: readonly (readonly PageRef[])[]): Promise<PageRef[]> {
    const ids: Uint8Array[] = [];
    for (const list of lists) ids.push(await this.#add(encoder.encode(encodePageRefs(list))));
    await this.#writer.flush();
    return lists.map((list, i) => ({
      ...this.#index.blobs.locate("pages", ids[i]!)!,
      firstPath: list[0]!.firstPath,
      entries: list.length,
    }));
  }

  flush(): Promise<void> {
    return this.#writing.run(() => this.#writer.flush());
  }

  async #writeLists(lists: ChunkSlots, chunks: readonly Place[]): Promise<void> {
    for (const run of cutListPages(chunks)) {
      const text = encoder.encode(encodeListPage(run));
      const id = sha256(text);
      this.#index.addListBlobs(toHex(id), usesOf(run, this.#index));
      if (this.#claims.claim(lists, 0, id, 0, text.length)) {
        await this.#writer.addFrame(compressFrame(text, this.#level), text.length, id);
      }
    }
  }

  /** Adds the entries of the draft from `start` on to the encoder, one at a time: all of them as objects would outlive young garbage. */
  #encode(draft: PageDraft, start: number, byFile: SlotsByFile, changes?: ChangedEntries): PageContents {
    const contents = emptyContents(start);
    using parent = new ParentDirectory();
    while (contents.end < draft.paths.length && this.#encoder.textBytes < TEXT_BYTES) {
      const i = contents.end++;
      if (draft.isOmitted(i)) continue;
      const kept = draft.kept(i);
      const entry = kept ?? this.#describe(draft, i, byFile.of(i), parent);
      if (entry === undefined) {
        draft.omit(i);
        continue;
      }
      if (kept === undefined) changes?.is(entry as Entry);
      this.#encoder.add(entry);
      count(entry, contents);
    }
    return contents;
  }

  /** `undefined` for what has vanished or cannot be described. */
  #describe(
    draft: PageDraft,
    i: number,
    slots: readonly number[],
    parent: ParentDirectory,
  ): Entry | undefined {
    const outcome = draft.outcomes.get(i);
    const stat = outcome?.stat === undefined ? draft.loadStat(i, this.#stat) : this.#stat.load(outcome.stat);
    const path = draft.paths[i]!;
    const at = realPath(this.#aliases, path);
    const onLost: OnLostXattr = (what, reason) => this.#events.attributeLost(path, what, reason);
    try {
      if (this.#streams.isMade(path, stat)) return describeMade(path, stat);
      if (stat.type !== S_IFREG) return describe(path, kindOf(stat)!, stat, { at, parent, onLost });
      // Of a file that was opened the reader has sent its attributes.
      const xattrs = draft.linkedTo.has(i) ? xattrsOf(at, parent, onLost) : outcome?.xattrs;
      const file = describeFile(path, stat, xattrs);
      if (stat.linkCount > 1 && !draft.linkedTo.has(i)) file.links = stat.linkCount;
      return this.#withContents(draft, i, file, slots);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      if (!hasVanished(error.code)) this.#events.unreadable(path, error.message);
      return undefined;
    }
  }

  /** Adds its contents to `file`. */
  #withContents(draft: PageDraft, i: number, file: EntryDraft, slots: readonly number[]): Entry {
    const hardlink = draft.linkedTo.get(i);
    if (hardlink !== undefined) {
      file.hardlink = hardlink;
      return file;
    }
    const lists = draft.lists.get(i);
    if (lists === undefined) file.chunks = this.#places(draft.chunks, slots);
    else file.lists = this.#places(lists, lists.byFile(1).of(0));
    const { holes, length, changed, streamed } = draft.outcomes.get(i) ?? {};
    if (holes !== undefined) file.holes = holes;
    if (length !== undefined || streamed !== undefined) file.size = length ?? streamed;
    if (changed || length !== undefined) file.changed = true;
    return file;
  }

  #places(chunks: ChunkSlots, slots: readonly number[]): Place[] {
    return slots.map((slot) => ({
      ...this.#blobAt(chunks.blob(slot)),
      offset: chunks.offset(slot),
      length: chunks.length(slot),
      id: chunks.hexId(slot),
    }));
  }

  #blobAt(number: number): Pick<Place, "blob" | "blobSize"> {
    const [blob, blobSize] = this.#index.blobs.storedBlob(number);
    return { blob, blobSize };
  }

  /** Numbers of the blobs that a page needs: those it names, and those of the list pages `lists`. */
  #blobsOf({ blobs, pages }: PageHead, lists: ReadonlySet<string>): number[] {
    const numbers = new Set([...blobs, ...pages].map(([id]) => this.#index.blobs.numberOf(id)));
    for (const id of lists) this.#index.listBlobs(id).forEach((number) => numbers.add(number));
    return [...numbers].sort((a, b) => a - b);
  }
}

/** Which blobs these chunks are in, and how many bytes of each they are. */
export function usesOf(chunks: readonly Place[], index: Index): { number: number; liveBytes: number }[] {
  return [...Map.groupBy(chunks, ({ blob }) => blob)].map(([blob, some]) => ({
    number: index.blobs.numberOf(blob),
    liveBytes: some.reduce((sum, { length }) => sum + length, 0),
  }));
}
