import { CorruptionError } from "../../base/errors.ts";
import type { Manifest } from "../../model/manifest.ts";
import { parentOf, type Path } from "../../model/path.ts";
import { BlobLists } from "../../read/blob_lists.ts";
import type { HostTools } from "../../read/hosts.ts";
import { readableManifests, readManifest } from "../../read/snapshots.ts";
import { differingPages } from "./differing_pages.ts";
import { entriesOf, orLoss } from "./entries_within.ts";
import { chunksOf } from "./file_contents.ts";
import { type BrowsedSnapshot, type Opener, openForBrowsing } from "./open_snapshot.ts";

/** Objects and their stored bytes. */
export interface Amount {
  readonly objects: number;
  readonly bytes: number;
}

/** How much of what a run stored is of a file, or of the files directly in a directory: bytes before compression, equal ones counted once. */
export interface StoredOf {
  readonly path: Path;
  readonly bytes: number;
  readonly files: number;
}

/** What a run stored, and what only its snapshot has. */
export interface RunStats {
  /** That no earlier snapshot of the host needs. */
  readonly stored: Amount;
  /** That no other snapshot of the host needs: what removing this one frees. */
  readonly unique: Amount;
  /** The most bytes first. */
  readonly files: readonly StoredOf[];
  readonly directories: readonly StoredOf[];
  /** What could not be read. */
  readonly lost: readonly Error[];
}

/** Files and directories that are named. */
const LARGEST = 20;

/**
 * Reads the manifests of the host, and of the snapshot the pages that the one before it of its source set has not. Throws
 * `CorruptionError` where a list of the snapshot is damaged.
 */
export async function runStats(
  opener: Opener,
  tools: HostTools,
  browsed: BrowsedSnapshot,
): Promise<RunStats> {
  const manifest = await readManifest(tools, browsed.manifest.id);
  const others = await compareWithOthers(tools, manifest);
  const before = others.before && await openForBrowsing(opener, tools, others.before.id);
  const tally = new Tally(new Set(others.stored.keys()));
  await tally.addAll(browsed, before);
  return {
    stored: amountOf(others.stored),
    unique: amountOf(others.unique),
    files: largest(tally.files),
    directories: largest(tally.directories),
    lost: tally.lost,
  };
}

interface Compared {
  /** Stored bytes by id of the blob. */
  readonly stored: Map<string, number>;
  readonly unique: Map<string, number>;
  /** The snapshot before of the same source set. */
  readonly before: Manifest | undefined;
}

async function compareWithOthers(tools: HostTools, manifest: Manifest): Promise<Compared> {
  const lists = new BlobLists(tools);
  const all = await lists.all(manifest);
  const stored = new Map(all.map(([, id, size]) => [id, size]));
  const unique = new Map(stored);
  /** Lists that were taken out of both. */
  const done = new Set<string>();
  let before: Manifest | undefined;
  for await (const other of readableManifests(tools)) {
    if (other.id === manifest.id) continue;
    const isEarlier = other.startedAt < manifest.startedAt;
    if (
      isEarlier && other.set === manifest.set && (before === undefined || other.startedAt > before.startedAt)
    ) {
      before = other;
    }
    const takeOut = (id: string) => {
      unique.delete(id);
      if (isEarlier) stored.delete(id);
    };
    for (const list of other.lists) {
      const key = `${list[0]} ${isEarlier}`;
      if (done.has(key)) continue;
      done.add(key);
      for (const [, id] of await readOrNone(tools, lists, list)) takeOut(id);
    }
    for (const [, id] of other.tail) takeOut(id);
  }
  return { stored, unique, before };
}

async function readOrNone(tools: HostTools, lists: BlobLists, list: Manifest["lists"][number]) {
  try {
    return await lists.read(list);
  } catch (error) {
    if (!(error instanceof CorruptionError)) throw error;
    tools.report({ kind: "warning", text: error.message });
    return [];
  }
}

function amountOf(blobs: ReadonlyMap<string, number>): Amount {
  return { objects: blobs.size, bytes: [...blobs.values()].reduce((sum, size) => sum + size, 0) };
}

class Tally {
  readonly files = new Map<Path, StoredOf>();
  readonly directories = new Map<Path, StoredOf>();
  readonly lost: Error[] = [];
  readonly #blobs: ReadonlySet<string>;
  readonly #counted = new Set<string>();

  /** `blobs` are those of the run. */
  constructor(blobs: ReadonlySet<string>) {
    this.#blobs = blobs;
  }

  async addAll(browsed: BrowsedSnapshot, before: BrowsedSnapshot | undefined): Promise<void> {
    const { after, lost } = before === undefined
      ? { after: await browsed.pages.all(), lost: [] }
      : await differingPages(before, browsed, "/");
    for (const error of lost) this.lost.push(error);
    for await (const entry of entriesOf(browsed, after)) {
      if (entry instanceof Error) this.lost.push(entry);
      else if (entry.kind === "file" && entry.hardlink === undefined) {
        const bytes = await orLoss(this.#bytesOf(chunksOf(entry, browsed.chunks)));
        if (bytes instanceof Error) this.lost.push(bytes);
        else if (bytes > 0) this.#add(entry.path, bytes);
      }
    }
  }

  async #bytesOf(chunks: ReturnType<typeof chunksOf>): Promise<number> {
    let bytes = 0;
    for await (const { blob, id, length } of chunks) {
      if (!this.#blobs.has(blob) || this.#counted.has(id)) continue;
      this.#counted.add(id);
      bytes += length;
    }
    return bytes;
  }

  #add(path: Path, bytes: number): void {
    this.files.set(path, { path, bytes, files: 1 });
    const directory = parentOf(path);
    const known = this.directories.get(directory);
    this.directories.set(directory, {
      path: directory,
      bytes: bytes + (known?.bytes ?? 0),
      files: 1 + (known?.files ?? 0),
    });
  }
}

function largest(all: ReadonlyMap<Path, StoredOf>): StoredOf[] {
  return [...all.values()].sort((a, b) => b.bytes - a.bytes).slice(0, LARGEST);
}
