import { isWorker, Peer, type Port } from "../../threads/rpc.ts";
import type { Upload } from "../../index/blobs.ts";
import type { KnownSnapshot } from "../../index/index.ts";
import type { MetadataCopy } from "../../index/metadata_copies.ts";
import type { ListRef } from "../../model/blob_list.ts";
import type { PruneRecord } from "../../model/prune_record.ts";
import { collectGarbage, giveMemoryBack } from "../../platform/memory.ts";
import type { LockedBlobs } from "./locks.ts";
import type { Claim, OpenOptions, ScanOptions } from "./messages.ts";
import { IndexThread } from "./index_thread.ts";

/** The thread that owns the index, behind `port`. */
export function serve(port: Port): void {
  let thread: IndexThread;
  const peer: Peer = new Peer(port, {
    open: (options: OpenOptions) => {
      thread = new IndexThread(peer, options.path, options.readers, options.lockedMs);
      return thread.opened();
    },
    /** Blobs of the index that are not among `names` are gone from the store. */
    reconcile: (stored: ReadonlyMap<string, number>) => thread.reconcile(stored),
    seenRecords: () => thread.seenRecords(),
    noteRecords: (names: readonly string[]) => thread.noteRecords(names),
    forgetMarked: (record: PruneRecord) => thread.forgetMarked(record),
    addList: ({ key, list }: { key: Uint8Array; list: ListRef }) => thread.addList(key, list),
    setAnnounced: (announced: string) => thread.setAnnounced(announced),
    forgetAll: () => thread.forgetAll(),
    settle: (settled: { upload: Upload; arrived: boolean }) => thread.settle(settled.upload, settled.arrived),
    trust: (store: string) => thread.trust(store),
    scan: (options: ScanOptions) => thread.scan(options),
    claim: (claim: Claim) => thread.claim(claim),
    begin: (upload: Upload) => thread.begin(upload),
    stored: (upload: Upload) => thread.stored(upload),
    keepCopy: (copy: MetadataCopy) => thread.keepCopy(copy),
    commit: (snapshot: KnownSnapshot & { isSuspicious: boolean }) => thread.commit(snapshot),
    suspicious: (name: string) => thread.suspicious(name),
    accept: (id: string) => thread.accept(id),
    lockedBefore: ({ ids, untilMs }: LockedBlobs) => thread.locks.endingBefore(ids, untilMs),
    locked: ({ ids, untilMs }: LockedBlobs) => thread.locks.add(ids, untilMs),
    forgetLocks: (untilMs: number) => thread.locks.forgetBefore(untilMs),
    close: () => thread?.close(),
    /** Nothing is needed until it is opened again. */
    rest: () => {
      collectGarbage();
      giveMemoryBack();
    },
  });
}

if (isWorker()) serve(self as unknown as Port);
