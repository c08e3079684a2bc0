import { namedRules } from "../../model/selection.ts";
import { delay } from "../../base/clock.ts";
import { randomBytes } from "node:crypto";
import { fromHex } from "../../base/bytes.ts";
import { InterruptedError, UsageError } from "../../base/errors.ts";
import type { Upload } from "../../index/blobs.ts";
import type { KnownSnapshot } from "../../index/index.ts";
import type { HostKeys } from "../../model/host_keys.ts";
import type { ListRef } from "../../model/blob_list.ts";
import { SNAPSHOT_ERRORS_MAX } from "../../model/snapshot.ts";
import { rewriteSuspicion, type Suspicion } from "../../model/guard.ts";
import {
  acceptedName,
  blobName,
  manifestName,
  SNAPSHOT_RANDOM_BYTES,
  snapshotIdAfter,
} from "../../model/names.ts";
import { readAhead } from "../../base/read_ahead.ts";
import { isPortable } from "../../platform/libc.ts";
import type { Event } from "../../report/events.ts";
import { BackupProgress } from "./backup_progress.ts";
import { BackupThreads } from "./backup_threads.ts";
import { AheadCount } from "./ahead_count.ts";
import type {
  IndexApi,
  OpenedIndex,
  ReadBatch,
  ReaderApi,
  ReaderOptions,
  ScanOptions,
  ScanResult,
} from "./messages.ts";
import { hostOf } from "../../read/sealed_keys.ts";
import { loadHostKeys, readHostKeys } from "../host_keys.ts";
import { announceHost } from "../../write/announce_host.ts";
import { type HostTools, hostTools } from "../../read/hosts.ts";
import { interruptible } from "../../base/interruptible.ts";
import type { BackupOptions, BackupSummary, Phases } from "./options.ts";
import type { Tools } from "../../read/tools.ts";
import { lockedMs, LockKeeper } from "./locks.ts";
import { Looks, REFUSED } from "./looks.ts";
import { withinMemory } from "./memory_budget.ts";
import { tellOfNewHost } from "./new_host.ts";
import { PruneWatch } from "./prune_watch.ts";
import { publish, type PublishedMetadata, storeList } from "../../write/publish.ts";
import { publishAgain, type Published } from "./publish_again.ts";
import type { FullList } from "../../write/snapshot_parts.ts";
import { Streams } from "./streams.ts";
import { renewingIndex } from "./renewing_index.ts";
import type { ReadOutcome } from "../../write/read_outcome.ts";
import { Uploader } from "../../write/uploader.ts";
import type { Remote } from "../../threads/rpc.ts";

/** How long the index may take to close when a run ends early. */
const CLOSE_TIMEOUT_MS = 5_000;
/** Lists of blobs that are sent at a time. */
const LISTS_AT_ONCE = 8;

/** Without the calls of a C library. */
const LEFT_OUT =
  "Without the calls of Linux' C library extended attributes and ACLs are left out, and times are to the millisecond";

/**
 * Backs up `roots` and publishes a snapshot; until its last step a reader of the store sees nothing new.
 * Files that cannot be read are left out, reported, and counted in the summary; what the store cannot take ends the run.
 * An index that turns out to be damaged is set aside, and all is begun again. Threads that are `kept` serve the next backup too, unless this one fails.
 */
export async function backUp(
  tools: Tools,
  options: BackupOptions,
  kept?: BackupThreads,
): Promise<BackupSummary> {
  return await renewingIndex(
    options.indexPath,
    tools.report,
    () => backUpOnce(tools, withinMemory(options), kept),
  );
}

async function backUpOnce(
  tools: Tools,
  options: BackupOptions,
  kept: BackupThreads | undefined,
): Promise<BackupSummary> {
  const threads = kept ?? new BackupThreads();
  const isNewHost = readHostKeys(options.indexPath) === undefined;
  const keys = loadHostKeys(options.indexPath);
  const run = new BackupRun(hostTools(tools, hostOf(keys)), options, keys, threads);
  let isKept = false;
  try {
    const greeting = isNewHost ? tellOfNewHost(tools, options.indexPath) : Promise.resolve();
    if (isNewHost && isPortable) tools.report({ kind: "note", text: LEFT_OUT });
    const summary = await interruptible(tools.signal, run.start(greeting));
    threads.endReaders();
    isKept = await run.end() && kept !== undefined;
    if (isKept) threads.rest();
    return summary;
  } catch (error) {
    threads.endReaders();
    await run.end();
    if (!(error instanceof InterruptedError)) throw error;
    const what = `no snapshot ${options.name} was made; what is stored already is not sent again`;
    throw new InterruptedError(`${error.message}: ${what}`, { cause: error });
  } finally {
    if (!isKept) threads[Symbol.dispose]();
  }
}

type FinishedScan = ScanResult & { readonly finishedAt: string; readonly suspicious: readonly Suspicion[] };

/** One backup: the index thread scans, readers read, and this thread talks to the store. */
class BackupRun {
  readonly #tools: HostTools;
  readonly #keys: HostKeys;
  readonly #options: BackupOptions;
  readonly #threads: BackupThreads;
  readonly #index: Remote<IndexApi>;
  readonly #readers: {
    readonly remote: Remote<ReaderApi>;
    readonly started: Promise<void>;
    batches: number;
  }[] = [];
  readonly #looks: Looks;
  readonly #pruneWatch: PruneWatch;
  readonly #ahead: AheadCount | undefined;
  readonly #progress: BackupProgress;
  #preparedAt = new Date(0);
  #readAt = new Date(0);
  #metadata: PublishedMetadata | undefined;
  readonly #uploader: Uploader;
  readonly #streams: Streams;

  constructor(tools: HostTools, options: BackupOptions, keys: HostKeys, threads: BackupThreads) {
    this.#keys = keys;
    this.#tools = tools;
    this.#threads = threads;
    this.#options = options;
    this.#looks = new Looks(tools);
    this.#streams = new Streams(options.streams ?? []);
    const thread = threads.index({
      read: (batch) => this.#read(batch),
      takeEmpty: (request) => this.#uploader.handlers.takeEmpty(request),
      store: (blob) => this.#uploader.handlers.store(blob),
      storeAll: async () => {
        await Promise.all(this.#readers.map((reader) => reader.remote.flush()));
        this.#uploader.rest("blobs");
      },
      report: (event) => this.#report(event),
    });
    this.#index = thread.remote;
    this.#uploader = new Uploader(tools, this.#index, options.recipients, threads.buffers(options));
    this.#ahead = options.countAhead ? new AheadCount(options) : undefined;
    this.#progress = new BackupProgress(tools.report, this.#uploader, this.#ahead);
    this.#pruneWatch = new PruneWatch(tools, this.#looks, this.#index);
  }

  /** The host begins in the store after `greeting`. */
  async start(greeting: Promise<void>): Promise<BackupSummary> {
    using _telling = this.#progress.start();
    greeting.catch(() => {}); // whoever waits for it meets that
    return await this.#run(greeting);
  }

  async #run(greeting: Promise<void>): Promise<BackupSummary> {
    const startedAt = this.#tools.now();
    const { indexPath, readers } = this.#options;
    const opened = await this.#index.open({
      path: indexPath,
      readers,
      lockedMs: lockedMs(this.#tools),
    });
    if (opened.replaced !== undefined) {
      this.#warn(`Index "${indexPath}" was set aside and replaced by a new one: ${opened.replaced}`);
    }
    // There will be something to read: the reader gets ready meanwhile.
    if (this.#options.changes !== undefined || opened.lastSnapshot === undefined) this.#startReader();
    await this.#settleInterrupted(opened.interrupted);
    await this.#checkStore(opened);
    const begun = this.#begin(opened, greeting);
    this.#uploader.holdUntil(begun);
    if (opened.announced !== undefined) await begun;
    await this.#settleAccepted();
    this.#preparedAt = this.#tools.now();
    const published = await this.#publishAgain(opened, startedAt, begun);
    return await this.#commit(startedAt, published);
  }

  /** What comes before anything is stored. A host that begins reads meanwhile. */
  async #begin({ store, announced }: OpenedIndex, greeting: Promise<void>): Promise<void> {
    await Promise.all([
      store === undefined ? this.#pruneWatch.begin() : undefined,
      greeting.then(() => this.#announce(announced)),
    ]);
  }

  async #publishAgain(
    opened: OpenedIndex,
    startedAt: Date,
    begun: Promise<void>,
  ): Promise<Published<FinishedScan>> {
    const publishing = publishAgain<FinishedScan>({
      report: this.#tools.report,
      newId: () => snapshotIdAfter(opened.lastSnapshot?.id, startedAt, randomBytes(SNAPSHOT_RANDOM_BYTES)),
      scan: () => this.#scan(startedAt),
      publishAs: async (result, id) => {
        await begun;
        return await this.#publish(startedAt, result, id);
      },
    });
    const [published] = await Promise.all([publishing, begun]);
    return published;
  }

  async #scan(startedAt: Date): Promise<FinishedScan> {
    const streams = { paths: this.#streams.paths, timeMs: startedAt.getTime() };
    const options: ScanOptions = { ...this.#options, streams };
    const result = await this.#index.scan(options);
    this.#readAt = this.#tools.now();
    const lists = result.lists.flatMap((list) => "ref" in list ? [["lists", list.ref[0]] as const] : []);
    await new LockKeeper(this.#tools, this.#index).renew([...result.blobs, ...lists]);
    const suspicious = this.#suspicions(result);
    return { ...result, suspicious, finishedAt: this.#tools.now().toISOString() };
  }

  #suspicions({ suspicions, fileChanges, bytesNew }: ScanResult): readonly Suspicion[] {
    if (this.#options.guard === undefined || fileChanges === undefined) return suspicions;
    const rewritten = rewriteSuspicion({
      name: this.#options.name,
      filesBefore: fileChanges.before,
      filesChanged: fileChanges.changed,
      bytesNew,
      bytesStored: this.#uploader.bytesUploaded,
    });
    return rewritten === undefined ? suspicions : [...suspicions, rewritten];
  }

  /** Suspicious snapshots that someone has accepted, perhaps elsewhere, are what this one is compared with. */
  async #settleAccepted(): Promise<void> {
    for (const id of await this.#index.suspicious(this.#options.name)) {
      const size = await this.#looks.size(acceptedName(id));
      if (size !== undefined && size !== REFUSED) await this.#index.accept(id);
    }
  }

  /** Leaves the index closed. Whether its thread has done so in time. */
  async end(): Promise<boolean> {
    this.#streams[Symbol.dispose]();
    this.#ahead?.[Symbol.dispose]();
    const closed = new AbortController();
    const closing = this.#index.close().then(() => true, () => false).finally(() => closed.abort());
    return await Promise.race([
      closing,
      delay(CLOSE_TIMEOUT_MS, closed.signal).then(() => false, () => closing),
    ]);
  }

  /** A PUT that was cut off may have arrived: then it is not sent again. Where no one can tell, it is. */
  async #settleInterrupted(interrupted: readonly Upload[]): Promise<void> {
    for (const upload of interrupted) {
      const size = await this.#looks.size(blobName(upload.kind, upload.id));
      await this.#index.settle({ upload, arrived: size === upload.size });
    }
  }

  /** A store that lacks our last snapshot was emptied, replaced or purged: what else is gone is asked then. */
  async #checkStore({ store, lastSnapshot }: OpenedIndex): Promise<void> {
    const { location } = this.#tools.store;
    if (store === location && await this.#isThere(lastSnapshot)) return;
    if (store === location && location.startsWith("file:") && await isEmpty(this.#tools)) {
      throw new UsageError(
        `Cannot back up to ${location}: it is empty, though earlier backups went there; is its disk mounted? ` +
          "If they were deleted on purpose: vaultik database purge, and the next run begins from nothing",
      );
    }
    if (store !== undefined) {
      const lost = await this.#index.reconcile(await this.#looks.storedBlobs());
      if (lost.length > 0) {
        this.#warn(
          `${lost.length} blobs that the index knows are not in ${location}: their files are stored again`,
        );
      }
    }
    await this.#index.trust(location);
  }

  async #isThere(snapshot: KnownSnapshot | undefined): Promise<boolean> {
    if (snapshot === undefined) return true;
    const size = await this.#looks.size(manifestName(snapshot.id));
    return size === REFUSED || size === snapshot.manifestSize;
  }

  /** Gives a batch to the reader with the least to do; readers are started when there is something to read. */
  async #read(batch: ReadBatch): Promise<ReadOutcome[]> {
    let reader = this.#readers.find((reader) => reader.batches === 0);
    if (reader === undefined && this.#readers.length < this.#options.readers) reader = this.#startReader();
    reader ??= this.#readers.reduce((least, other) => (other.batches < least.batches ? other : least));
    reader.batches++;
    try {
      await reader.started;
      return await reader.remote.read(batch);
    } finally {
      reader.batches--;
    }
  }

  #startReader() {
    const { chunkSizeBytes, blobSizeBytes, compressionLevel } = this.#options;
    const options: ReaderOptions = {
      seed: fromHex(this.#keys.chunkerSeed),
      chunkSizeBytes,
      blobSizeBytes,
      compressionLevel,
    };
    const { remote } = this.#threads.reader({
      claim: (claim) => this.#index.claim(claim),
      pull: (stream) => this.#streams.pull(stream),
      ...this.#uploader.handlers,
    });
    const reader = { remote, started: remote.start(options), batches: 0 };
    reader.started.catch(() => {}); // whoever gives it a batch meets that
    this.#readers.push(reader);
    return reader;
  }

  /** Seals the keys of the host where that was not done yet, or to others; what a new recipient cannot open is stored again. */
  async #announce(announced: string | undefined): Promise<void> {
    const { hostname, recipients } = this.#options;
    const now = JSON.stringify({ store: this.#tools.store.location, recipients });
    if (announced === now) return;
    const before: string[] = announced === undefined ? recipients : JSON.parse(announced).recipients;
    const added = recipients.filter((recipient) => !before.includes(recipient));
    if (added.length > 0) {
      const count = await this.#index.forgetAll();
      this.#warn(
        `age_recipients has ${added.length} that could not open the ${count} blobs stored so far: everything is ` +
          "stored again for all recipients; older snapshots open with the keys of their time only",
      );
    }
    const removed = before.filter((recipient) => !recipients.includes(recipient));
    if (removed.length > 0) {
      this.#warn(
        `age_recipients lacks ${removed.length} of before: their keys still open all that is stored so far, also what ` +
          "new snapshots share with it; docs/keys.md says what that means for a key that was stolen",
      );
    }
    await announceHost(this.#tools, this.#keys, { hostname, recipients });
    await this.#index.setAnnounced(now);
  }

  async #publish(startedAt: Date, result: FinishedScan, id: string): Promise<number> {
    const { name, hostname, recipients, chunkSizeBytes, publicNames = false } = this.#options;
    const { totals, unreadable, suspicious: reasons, finishedAt, blobs, tail, pageLists, pages } = result;
    const lists = await this.#storeLists(result);
    const snapshot = {
      id,
      host: this.#tools.host,
      hostname,
      name,
      startedAt: startedAt.toISOString(),
      finishedAt,
      roots: [...this.#options.roots, ...this.#streams.paths],
      options: this.#publicOptions(),
      totals,
      chunker: { seed: this.#keys.chunkerSeed, average: chunkSizeBytes },
      errors: unreadable.slice(0, SNAPSHOT_ERRORS_MAX),
      pageLists,
      pages,
    };
    const incomplete = unreadable.length > 0;
    const needed = new Set([...blobs.map(([, id]) => id), ...lists.map(([id]) => id)]);
    const storedBytes = blobs.reduce((sum, [, , size]) => sum + size, 0);
    const keys = this.#keys;
    const flags = { incomplete, suspicious: reasons.length > 0, publicNames };
    const publication = { snapshot, lists, tail, storedBytes, recipients, keys, ...flags };
    this.#metadata = await publish(this.#tools, publication, () => this.#pruneWatch.look(needed));
    return this.#metadata.manifest.length;
  }

  /** The lists of a snapshot; those that the store has not are stored. */
  async #storeLists({ lists }: FinishedScan): Promise<ListRef[]> {
    const refs: ListRef[] = [];
    for await (const { key, ref } of readAhead(lists, LISTS_AT_ONCE, (list) => this.#storeList(list))) {
      if (key !== undefined) await this.#index.addList({ key, list: ref });
      refs.push(ref);
    }
    return refs;
  }

  async #storeList(list: FullList): Promise<{ key?: Uint8Array; ref: ListRef }> {
    if ("ref" in list) return { ref: list.ref };
    return { key: list.key, ref: await storeList(this.#tools, list.blobs) };
  }

  async #commit(startedAt: Date, published: Published<FinishedScan>): Promise<BackupSummary> {
    const { name, hostname } = this.#options;
    const { id, manifestSize, result } = published;
    const { unreadable, changedWhileRead, lostAttributes, finishedAt } = result;
    await this.#index.keepCopy({ id, name, ...this.#metadata! });
    const isSuspicious = result.suspicious.length > 0;
    await this.#index.commit({ id, name, finishedAt, manifestSize, isSuspicious });
    return {
      hostname,
      name,
      startedAt: startedAt.toISOString(),
      finishedAt,
      ...result.totals,
      id,
      durationMs: this.#tools.now().getTime() - startedAt.getTime(),
      filesRead: result.filesRead,
      bytesRead: result.bytesRead,
      bytesNew: result.bytesNew,
      growth: result.growth,
      phases: this.#phases(startedAt),
      fileChanges: result.fileChanges,
      excluded: result.excluded,
      suspicious: result.suspicious,
      blobsUploaded: this.#uploader.blobsUploaded,
      bytesUploaded: this.#uploader.bytesUploaded,
      pages: result.pageLists.reduce((sum, { entries }) => sum + entries, result.pages.length),
      pagesNew: result.pagesNew,
      scanned: result.scanned,
      unreadable,
      changedWhileRead,
      lostAttributes,
      incomplete: unreadable.length > 0,
    };
  }

  #phases(startedAt: Date): Phases {
    const moments = [startedAt, this.#preparedAt, this.#readAt, this.#tools.now()];
    const [prepareMs, readMs, publishMs] = moments.slice(1).map((moment, i) =>
      moment.getTime() - moments[i].getTime()
    );
    return { prepareMs, readMs, publishMs };
  }

  #publicOptions(): Record<string, unknown> {
    const { exclude, compressionLevel } = this.#options;
    return { exclude, ...namedRules(this.#options), compression_level: compressionLevel };
  }

  #report(event: Event): void {
    if (event.kind !== "progress") return this.#tools.report(event);
    this.#progress.tell(event.progress);
  }

  #warn(text: string): void {
    this.#tools.report({ kind: "warning", text });
  }
}

/** What is left of `probe/` by a diagnosis is no backup. */
async function isEmpty({ store, signal }: Tools): Promise<boolean> {
  for await (const { name } of store.list("", { signal })) {
    if (!name.startsWith("probe/")) return false;
  }
  return true;
}
