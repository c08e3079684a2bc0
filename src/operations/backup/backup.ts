import { delay } from "../../base/clock.ts";
import { randomBytes } from "node:crypto";
import { InterruptedError } from "../../base/errors.ts";
import type { HostKeys } from "../../model/host_keys.ts";
import { rewriteSuspicion, type Suspicion } from "../../model/guard.ts";
import { ID_RANDOM_BYTES, snapshotIdAfter } from "../../model/names.ts";
import { isPortable } from "../../platform/libc.ts";
import type { Event } from "../../report/events.ts";
import { BackupProgress } from "./backup_progress.ts";
import { AheadCount } from "./ahead_count.ts";
import { BackupThreads } from "./backup_threads.ts";
import type { IndexApi, OpenedIndex, ScanResult } from "./messages.ts";
import { hostOf } from "../../read/sealed_keys.ts";
import { loadHostKeys, readHostKeys } from "../host_keys.ts";
import { type HostTools, hostTools } from "../../read/hosts.ts";
import { interruptible } from "../../base/interruptible.ts";
import type { BackupOptions, BackupSummary } from "./options.ts";
import type { Tools } from "../../read/tools.ts";
import { lockedMs, LockKeeper } from "./locks.ts";
import { Looks } from "./looks.ts";
import { type BoundedOptions, withinMemory } from "./memory_budget.ts";
import { setTag } from "../../seal/names_key.ts";
import { tellOfNewHost } from "./new_host.ts";
import { PruneWatch } from "./prune_watch.ts";
import { type PublishedMetadata } from "../../write/publish.ts";
import { publishAgain, type Published } from "./publish_again.ts";
import { type FinishedScan, type Publication, publishBackup } from "./publish_backup.ts";
import { Readers } from "./readers.ts";
import { StoreCheck } from "./store_check.ts";
import { summaryOf } from "./summary.ts";
import { announceChanges } from "./host_announcement.ts";
import { Streams } from "./streams.ts";
import { renewingIndex } from "./renewing_index.ts";
import { Uploader } from "../../write/uploader.ts";
import type { Remote } from "../../threads/rpc.ts";

/** How long the index may take to close when a run ends early. */
const CLOSE_TIMEOUT_MS = 5_000;

/** Without the calls of a C library. */
const LEFT_OUT =
  "Without the calls of Linux' C library extended attributes and ACLs are left out, and times are to the millisecond";

/**
 * Backs up `roots` and publishes a snapshot; until its last step a reader of the store sees nothing new.
 * Files that cannot be read are left out, reported, and counted in the summary; what the store cannot take ends the run.
 * An index that turns out to be damaged is set aside, and all is begun again. `threads` that are kept serve the next backup too, unless this one fails.
 */
export async function backUp(
  tools: Tools,
  options: BackupOptions,
  threads = new BackupThreads("once"),
): Promise<BackupSummary> {
  return await renewingIndex(
    options.indexPath,
    tools.report,
    () => backUpOnce(tools, withinMemory(options), threads),
  );
}

async function backUpOnce(
  tools: Tools,
  options: BoundedOptions,
  threads: BackupThreads,
): Promise<BackupSummary> {
  const isNewHost = readHostKeys(options.indexPath) === undefined;
  const keys = loadHostKeys(options.indexPath);
  const run = new BackupRun(hostTools(tools, hostOf(keys)), options, keys, threads);
  let isKept = false;
  try {
    const greeting = isNewHost ? tellOfNewHost(tools, options.indexPath) : Promise.resolve();
    if (isNewHost && isPortable) tools.report({ kind: "note", text: LEFT_OUT });
    const summary = await interruptible(tools.signal, run.start(greeting));
    threads.endReaders();
    isKept = await run.end() && threads.areKept;
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

/** One backup: the index thread scans, readers read, and this thread talks to the store. */
class BackupRun {
  readonly #tools: HostTools;
  readonly #keys: HostKeys;
  readonly #options: BackupOptions;
  readonly #index: Remote<IndexApi>;
  readonly #readers: Readers;
  readonly #looks: Looks;
  readonly #pruneWatch: PruneWatch;
  readonly #ahead: AheadCount | undefined;
  readonly #progress: BackupProgress;
  readonly #uploader: Uploader;
  readonly #streams: Streams;
  #readAt = new Date(0);
  #metadata: PublishedMetadata | undefined;

  constructor(tools: HostTools, options: BoundedOptions, keys: HostKeys, threads: BackupThreads) {
    this.#keys = keys;
    this.#tools = tools;
    this.#options = options;
    this.#looks = new Looks(tools);
    this.#streams = new Streams(options.streams ?? []);
    this.#index = threads.index({
      read: (batch) => this.#readers.read(batch),
      takeEmpty: (request) => this.#uploader.handlers.takeEmpty(request),
      store: (blob) => this.#uploader.handlers.store(blob),
      storeAll: async () => {
        await this.#readers.flush();
        this.#uploader.rest("blobs");
      },
      report: (event) => this.#report(event),
    }).remote;
    this.#uploader = new Uploader(tools, this.#index, options.recipients, threads.buffers(options));
    this.#readers = new Readers(threads, options, keys, {
      claim: (claim) => this.#index.claim(claim),
      pull: (stream) => this.#streams.pull(stream),
      ...this.#uploader.handlers,
    });
    const { progressAfterMs } = options;
    this.#ahead = progressAfterMs === undefined ? undefined : new AheadCount(options);
    this.#progress = new BackupProgress(tools.report, this.#uploader, this.#ahead, progressAfterMs);
    this.#pruneWatch = new PruneWatch(tools, this.#looks, this.#index);
  }

  /** The host begins in the store after `greeting`. */
  async start(greeting: Promise<void>): Promise<BackupSummary> {
    using _telling = this.#progress.start();
    greeting.catch(() => {}); // whoever waits for it meets that
    return await this.#run(greeting);
  }

  async #run(greeting: Promise<void>): Promise<BackupSummary> {
    const { now } = this.#tools;
    const { name } = this.#options;
    const started = now();
    const opened = await this.#open();
    const check = new StoreCheck(this.#tools, this.#looks, this.#index);
    await check.settleInterrupted(opened.interrupted);
    await check.check(opened);
    const begun = this.#begin(opened, greeting);
    this.#uploader.holdUntil(begun);
    if (opened.announced !== undefined) await begun;
    await check.settleAccepted(name);
    const prepared = now();
    const { id, manifestSize, result } = await this.#publishAgain(opened, started, begun);
    await this.#index.keepCopy({ id, name, ...this.#metadata! });
    const isSuspicious = result.suspicious.length > 0;
    await this.#index.commit({ id, name, finishedAt: result.finishedAt, manifestSize, isSuspicious });
    const moments = { started, prepared, read: this.#readAt, ended: now() };
    return summaryOf(id, this.#options, result, moments, this.#uploader);
  }

  async #open(): Promise<OpenedIndex> {
    const { indexPath: path, readers } = this.#options;
    const opened = await this.#index.open({ path, readers, lockedMs: lockedMs(this.#tools) });
    if (opened.replaced !== undefined) {
      const text = `Index "${path}" was set aside and replaced by a new one: ${opened.replaced}`;
      this.#tools.report({ kind: "warning", text });
    }
    // There will be something to read: the reader gets ready meanwhile.
    if (this.#options.changes !== undefined || opened.lastSnapshot === undefined) this.#readers.start();
    return opened;
  }

  /** What comes before anything is stored. A host that begins reads meanwhile. */
  async #begin({ store, announced }: OpenedIndex, greeting: Promise<void>): Promise<void> {
    await Promise.all([
      store === undefined ? this.#pruneWatch.begin() : undefined,
      greeting.then(() => announceChanges(this.#tools, this.#keys, this.#index, this.#options, announced)),
    ]);
  }

  async #publishAgain(
    { lastSnapshot }: OpenedIndex,
    startedAt: Date,
    begun: Promise<void>,
  ): Promise<Published<FinishedScan>> {
    const set = setTag(this.#options.name, this.#keys.namesKey);
    const publishing = publishAgain<FinishedScan>({
      report: this.#tools.report,
      newId: () => snapshotIdAfter(lastSnapshot?.id, startedAt, randomBytes(ID_RANDOM_BYTES), set),
      scan: () => this.#scan(startedAt),
      publishAs: async (result, id) => {
        await begun;
        this.#metadata = await publishBackup(this.#publication(startedAt), result, id);
        return this.#metadata.manifest.length;
      },
    });
    const [published] = await Promise.all([publishing, begun]);
    return published;
  }

  async #scan(startedAt: Date): Promise<FinishedScan> {
    const streams = { paths: this.#streams.paths, timeMs: startedAt.getTime() };
    const result = await this.#index.scan({ ...this.#options, streams });
    this.#readAt = this.#tools.now();
    const lists = result.lists.flatMap((list) => "ref" in list ? [["lists", list.ref[0]] as const] : []);
    await new LockKeeper(this.#tools, this.#index).renew([...result.blobs, ...lists]);
    const suspicious = this.#suspicions(result);
    return { ...result, suspicious, finishedAt: this.#tools.now().toISOString() };
  }

  #publication(startedAt: Date): Publication {
    return {
      tools: this.#tools,
      options: this.#options,
      keys: this.#keys,
      index: this.#index,
      pruneWatch: this.#pruneWatch,
      streams: this.#streams.paths,
      startedAt,
    };
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

  #report(event: Event): void {
    if (event.kind !== "progress") return this.#tools.report(event);
    this.#progress.tell(event.progress);
  }
}
