import { EnvironmentError, InterruptedError, NotFoundError, UsageError } from "../../base/errors.ts";
import { CorruptionError } from "../../base/errors.ts";
import type { Entry } from "../../model/entry.ts";
import { displayPath, type Path, pathOf } from "../../model/path.ts";
import type { PageRef } from "../../model/snapshot.ts";
import type { Snapshot } from "../../model/snapshot.ts";
import type { EntrySource } from "../entry_source.ts";
import { interruptible } from "../interruptible.ts";
import type { RestoreOptions, RestoreSummary, Tools } from "../options.ts";
import type { Damage, PagesOutcome } from "./messages.ts";
import { openSnapshot } from "./opened.ts";
import type { Selection } from "./selection.ts";
import type { ThreadPool } from "../thread_pool.ts";
import { startWriters, type StoreSource } from "./writers.ts";

/** Pages that a thread restores at a time: enough that neighbours share frames, few enough to bound memory. */
const PAGES_PER_REQUEST = 4;
/** Chunks of a large file that a thread writes at a time. */
const PARTS_PER_REQUEST = 32;
const ENTRIES_PER_REQUEST = 1024;
const PROGRESS_EVERY_MS = 100;

/**
 * Restores a snapshot, or what is at and below `paths`, into `target`, which must be empty or missing. Every byte is checked; a
 * file that cannot be had whole is not left there, is told of, and the rest goes on.
 */
export async function restore(tools: Tools, options: RestoreOptions): Promise<RestoreSummary> {
  const startedAt = tools.now().getTime();
  const { snapshot, sizes, source, relocations, entries, paths, selection } = await openSnapshot(
    tools,
    options,
  );
  const target = prepareTarget(options.target);
  const writers = await startWriters(options.writers, tools, source, { target, paths, sizes, relocations });
  try {
    const walk = new PageWalk({ tools, writers, entries, source, selection, snapshot });
    const totals = await interruptible(tools.signal, walk.run());
    return {
      ...totals,
      id: options.snapshotId,
      target: options.target,
      durationMs: tools.now().getTime() - startedAt,
      bytesDownloaded: source.bytesFetched,
    };
  } finally {
    writers.end(new InterruptedError());
  }
}

/** The directory to restore into, made where it is missing. Throws `UsageError` where it is not empty. */
function prepareTarget(target: string): Path {
  try {
    if (isFile(target)) throw new UsageError(`Cannot restore into "${target}": it is not a directory`);
    Deno.mkdirSync(target, { recursive: true });
    if (!Deno.readDirSync(target)[Symbol.iterator]().next().done) {
      throw new UsageError(`Cannot restore into "${target}": it is not empty`);
    }
    return pathOf(Deno.realPathSync(target));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new EnvironmentError(`Cannot restore into "${target}": ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function isFile(path: string): boolean {
  try {
    return !Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

interface PageWalkOptions {
  readonly tools: Tools;
  readonly writers: ThreadPool;
  readonly entries: EntrySource;
  readonly source: StoreSource;
  readonly selection: Selection;
  readonly snapshot: Snapshot;
}

/** Takes the pages of a snapshot through the writers. */
class PageWalk {
  readonly #tools: Tools;
  readonly #writers: ThreadPool;
  readonly #entries: EntrySource;
  readonly #source: StoreSource;
  readonly #selection: Selection;
  readonly #snapshot: Snapshot;
  /** By request, so that directories keep their order. */
  readonly #directories: (readonly Entry[])[] = [];
  readonly #links: Entry[] = [];
  readonly #large: Entry[] = [];
  readonly #damaged: { path: string; reason: string }[] = [];
  #files = 0;
  #others = 0;
  #notMade = 0;
  #bytes = 0;
  #entriesDone = 0;
  #reported = 0;

  constructor({ tools, writers, entries, source, selection, snapshot }: PageWalkOptions) {
    this.#tools = tools;
    this.#writers = writers;
    this.#entries = entries;
    this.#source = source;
    this.#selection = selection;
    this.#snapshot = snapshot;
  }

  async run() {
    await this.#restorePages(this.#selection.pages(this.#snapshot.pages));
    await this.#restoreLarge();
    await this.#restoreLinks();
    const directories = this.#directories.flat().reverse();
    this.#addDamage(await this.#writers.first<Damage[]>("directories", directories));
    return {
      files: this.#files,
      directories: directories.length,
      others: this.#others,
      notMade: this.#notMade,
      bytes: this.#bytes,
      damaged: this.#damaged,
    };
  }

  async #restorePages(pages: readonly PageRef[]): Promise<void> {
    for (let at = 0; at < pages.length; at += PAGES_PER_REQUEST) {
      const request = at / PAGES_PER_REQUEST;
      const some = pages.slice(at, at + PAGES_PER_REQUEST);
      await this.#writers.submit<PagesOutcome>("pages", { pages: some }, (outcome) => {
        this.#directories[request] = outcome.directories;
        this.#entriesDone += some.reduce((sum, page) => sum + page.entries, 0);
        this.#add(outcome);
      });
    }
    await this.#writers.settle();
  }

  #add(outcome: PagesOutcome): void {
    this.#files += outcome.files;
    this.#others += outcome.others;
    this.#notMade += outcome.notMade;
    this.#bytes += outcome.bytes;
    this.#links.push(...outcome.links);
    this.#large.push(...outcome.large);
    this.#addDamage(outcome.damaged);
    this.#progress();
  }

  #addDamage(damaged: readonly Damage[]): void {
    for (const { path, reason } of damaged) {
      this.#damaged.push({ path: displayPath(path), reason });
      this.#tools.report({ kind: "file-damaged", path: displayPath(path), reason });
    }
  }

  async #restoreLarge(): Promise<void> {
    const damage = new Map<Path, string>();
    for (const file of this.#large) {
      try {
        for await (const parts of this.#entries.parts(file, PARTS_PER_REQUEST)) {
          await this.#writers.submit<string | undefined>("parts", { entry: file, parts }, (reason) => {
            if (reason !== undefined) damage.set(file.path, reason);
            this.#bytes += parts.reduce((sum, part) => sum + part.length, 0);
            this.#progress();
          });
        }
      } catch (error) {
        if (!(error instanceof CorruptionError || error instanceof NotFoundError)) throw error;
        damage.set(file.path, error.message);
      }
    }
    await this.#writers.settle();
    for (const file of this.#large) await this.#finishLarge(file, damage.get(file.path));
  }

  async #finishLarge(file: Entry, damage: string | undefined): Promise<void> {
    const reason = damage ?? await this.#writers.first<string | undefined>("finish", file);
    if (reason === undefined) {
      this.#files++;
      return;
    }
    await this.#writers.first("discard", file.path);
    this.#addDamage([{ path: file.path, reason }]);
  }

  /** Links come when the files they name are there; where the first name is not wanted, the next one gets the contents. */
  async #restoreLinks(): Promise<void> {
    const firsts = new Map<Path, Path>();
    const links: Entry[] = [];
    for (const link of this.#links.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
      const first = link.hardlink!;
      const wanted = this.#selection.has(first) ? first : firsts.get(first);
      if (wanted !== undefined) links.push({ ...link, hardlink: wanted });
      else {
        firsts.set(first, link.path);
        await this.#restoreContents(link);
      }
    }
    const damaged: Damage[] = [];
    for (let at = 0; at < links.length; at += ENTRIES_PER_REQUEST) {
      const some = links.slice(at, at + ENTRIES_PER_REQUEST);
      damaged.push(...await this.#writers.first<Damage[]>("links", some));
    }
    this.#files += links.length - damaged.length;
    this.#addDamage(damaged);
  }

  async #restoreContents(link: Entry): Promise<void> {
    const first = await this.#findFirst(link);
    if (typeof first === "string") return this.#addDamage([{ path: link.path, reason: first }]);
    const outcome = await this.#writers.first<PagesOutcome>("entries", [{ ...first, path: link.path }]);
    this.#large.length = 0;
    this.#add(outcome);
    await this.#restoreLarge();
  }

  /** The entry that `link` is another name of; why it cannot be had, if it cannot. */
  async #findFirst(link: Entry): Promise<Entry | string> {
    try {
      const first = await this.#entries.find(link.hardlink!);
      if (first?.kind === "file" && first.hardlink === undefined) return first;
      return `"${displayPath(link.hardlink!)}", which has its contents, is no file of the snapshot`;
    } catch (error) {
      if (error instanceof CorruptionError || error instanceof NotFoundError) return error.message;
      throw error;
    }
  }

  #progress(): void {
    const now = this.#tools.now().getTime();
    if (now - this.#reported < PROGRESS_EVERY_MS) return;
    this.#reported = now;
    const { files, directories, others, bytes } = this.#snapshot.totals;
    const isAll = this.#selection.has("/");
    this.#tools.report({
      kind: "progress",
      progress: {
        stage: "restore",
        entriesDone: this.#entriesDone,
        entriesFound: isAll ? files + directories + others : this.#entriesDone,
        bytesDone: this.#bytes,
        bytesFound: isAll ? bytes : this.#bytes,
        allKnown: isAll,
        bytesTransferred: this.#source.bytesFetched,
        errors: this.#damaged.length,
      },
    });
  }
}
