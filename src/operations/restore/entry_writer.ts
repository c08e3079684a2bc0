import { CorruptionError } from "../../base/errors.ts";
import type { Peer } from "../../base/rpc.ts";
import { chunkOffsets } from "../../chunk/extents.ts";
import type { Entry } from "../../model/entry.ts";
import type { Path } from "../../model/path.ts";
import { blobName } from "../../model/names.ts";
import type { PageRef } from "../../model/snapshot.ts";
import { SystemError } from "../../platform/read.ts";
import { BlobReader, type BlobSource } from "../blob_reader.ts";
import { PageReader } from "../page_reader.ts";
import { remoteSource } from "../remote_source.ts";
import { FileSink } from "./file_sink.ts";
import type { Damage, PagesOutcome, Part, WriterOptions } from "./messages.ts";
import { Selection } from "./selection.ts";

/** Larger files are written by all threads, in parts. */
export const LARGE_FILE_BYTES = 64 * 1024 * 1024;

/** A file while its chunks come in. */
interface File {
  readonly entry: Entry;
  missing: number;
  damage: string | undefined;
}

/** A chunk and the file that it goes to. */
interface FilePart extends Part {
  readonly file: File;
}

interface Outcome {
  files: number;
  others: number;
  notMade: number;
  bytes: number;
  readonly damaged: Damage[];
  readonly directories: Entry[];
  readonly links: Entry[];
  readonly large: Entry[];
}

/** Reads pages, then the chunks of their files, blob by blob, checks all and writes it. */
export class EntryWriter {
  readonly #selection: Selection;
  readonly #sink: FileSink;
  readonly #pages: PageReader;
  readonly #chunks: BlobReader;

  constructor({ target, paths, sizes, relocations }: WriterOptions, peer: Peer) {
    const source: BlobSource = {
      ...remoteSource(peer),
      sizeOf: (kind, id) => sizeOf(sizes, blobName(kind, id)),
    };
    this.#selection = new Selection(paths);
    this.#pages = new PageReader(source, relocations);
    this.#chunks = new BlobReader(source, "blobs");
    const onNotSet = (what: string, path: Path, reason: string) =>
      void peer.call("notSet", { what, path, reason });
    this.#sink = new FileSink(target, onNotSet);
  }

  async writePages(pages: readonly PageRef[]): Promise<PagesOutcome> {
    const outcome = emptyOutcome();
    const entries: Entry[] = [];
    for (const [i, found] of (await this.#pages.entriesOfEach(pages)).entries()) {
      const page = pages[i];
      if (found instanceof Error) {
        const reason = `a page of ${page.entries} entries from here on is lost: ${found.message}`;
        outcome.damaged.push({ path: page.firstPath, reason });
      } else entries.push(...found.filter((entry) => this.#isWanted(entry)));
    }
    await this.#writeAll(entries, outcome);
    return outcome;
  }

  /** Writes entries whose chunks are said in them. */
  async writeEntries(entries: readonly Entry[]): Promise<PagesOutcome> {
    const outcome = emptyOutcome();
    await this.#writeAll(entries, outcome);
    return outcome;
  }

  /** Writes a part of a large file that is allocated. The damage, if any. */
  async writeParts(entry: Entry, parts: readonly Part[]): Promise<string | undefined> {
    const file: File = { entry, missing: parts.length, damage: undefined };
    this.#sink.adopt(entry.path);
    await this.#writeChunks(parts.map((part) => ({ ...part, file })), () => {});
    this.#sink.release(entry.path);
    return file.damage;
  }

  finishLarge(entry: Entry): string | undefined {
    this.#sink.adopt(entry.path);
    return this.#attempt(() => this.#sink.finishFile(entry));
  }

  discard(path: Path): void {
    this.#sink.adopt(path);
    this.#attempt(() => this.#sink.discardFile(path));
  }

  link(links: readonly Entry[]): Damage[] {
    return this.#each(links, (entry) => this.#sink.link(entry.path, entry.hardlink!));
  }

  finishDirectories(directories: readonly Entry[]): Damage[] {
    return this.#each(directories, (entry) => this.#sink.finishDirectory(entry));
  }

  #isWanted(entry: Entry): boolean {
    return this.#selection.has(entry.path) ||
      (entry.kind === "directory" && this.#selection.isAbove(entry.path));
  }

  async #writeAll(entries: readonly Entry[], outcome: Outcome): Promise<void> {
    const parts: FilePart[] = [];
    for (const entry of entries) {
      const damage = this.#attempt(() => this.#begin(entry, parts, outcome));
      if (damage !== undefined) outcome.damaged.push({ path: entry.path, reason: damage });
    }
    await this.#writeChunks(parts, (file) => this.#end(file, outcome));
  }

  /** Makes what needs no contents, and adds the parts of what does. */
  #begin(entry: Entry, parts: FilePart[], outcome: Outcome): void {
    if (entry.kind === "directory") {
      this.#sink.makeDirectory(entry.path);
      outcome.directories.push(entry);
    } else if (entry.kind !== "file") {
      if (this.#sink.makeSpecial(entry) === false) outcome.notMade++;
      else outcome.others++;
    } else if (entry.hardlink !== undefined) outcome.links.push(entry);
    else if (entry.lists !== undefined || entry.size! >= LARGE_FILE_BYTES) {
      this.#sink.allocate(entry);
      outcome.large.push(entry);
    } else {
      const file: File = { entry, missing: entry.chunks!.length, damage: undefined };
      if (file.missing === 0) return this.#end(file, outcome);
      const offsetOf = chunkOffsets(entry.holes ?? []);
      for (const chunk of entry.chunks!) parts.push({ ...chunk, at: offsetOf(chunk.length), file });
    }
  }

  #end(file: File, outcome: Outcome): void {
    const { entry } = file;
    file.damage ??= this.#attempt(() => this.#sink.finishFile(entry));
    if (file.damage !== undefined) {
      this.#attempt(() => this.#sink.discardFile(entry.path));
      outcome.damaged.push({ path: entry.path, reason: file.damage });
      return;
    }
    outcome.files++;
    outcome.bytes += entry.size!;
  }

  async #writeChunks(parts: readonly FilePart[], onComplete: (file: File) => void): Promise<void> {
    const arrived = ({ file }: FilePart) => {
      if (--file.missing === 0) onComplete(file);
    };
    for (const [blob, places] of Map.groupBy(parts, (part) => part.blob)) {
      const onDamage = (damaged: readonly FilePart[], error: Error) => {
        for (const part of damaged) {
          part.file.damage ??= error.message;
          arrived(part);
        }
      };
      for await (const [part, bytes] of this.#chunks.read(blob, places, onDamage)) {
        part.file.damage ??= this.#attempt(() => this.#sink.write(part.file.entry, part.at, bytes));
        arrived(part);
      }
    }
  }

  #each(entries: readonly Entry[], work: (entry: Entry) => void): Damage[] {
    const damaged: Damage[] = [];
    for (const entry of entries) {
      const reason = this.#attempt(() => work(entry));
      if (reason !== undefined) damaged.push({ path: entry.path, reason });
    }
    return damaged;
  }

  /** Why `work` failed for one entry; what concerns the whole target is thrown. */
  #attempt(work: () => void): string | undefined {
    try {
      work();
      return undefined;
    } catch (error) {
      if (error instanceof SystemError) return error.message;
      throw error;
    }
  }
}

function emptyOutcome(): Outcome {
  return { files: 0, others: 0, notMade: 0, bytes: 0, damaged: [], directories: [], links: [], large: [] };
}

function sizeOf(sizes: ReadonlyMap<string, number>, name: string): number {
  const size = sizes.get(name);
  if (size === undefined) throw new CorruptionError(`Cannot read "${name}": the manifest does not name it`);
  return size;
}
