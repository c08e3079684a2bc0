import { isWorker, Peer, type Port } from "../../threads/rpc.ts";
import { collectGarbage, giveMemoryBack } from "../../platform/memory.ts";
import type { IndexApi, IndexNeeds } from "./messages.ts";
import { IndexThread } from "./index_thread.ts";

/** The thread that owns the index, behind `port`. */
export function serve(port: Port): void {
  let thread: IndexThread;
  const peer: Peer<IndexNeeds, IndexApi> = new Peer(port, {
    open: (options) => {
      thread = new IndexThread(peer.remote, options.path, options.readers, options.lockedMs);
      return thread.opened();
    },
    reconcile: (stored) => thread.reconcile(stored),
    seenRecords: () => thread.seenRecords(),
    noteRecords: (names) => thread.noteRecords(names),
    forgetMarked: (record) => thread.forgetMarked(record),
    addList: ({ key, list }) => thread.addList(key, list),
    setAnnounced: (announced) => thread.setAnnounced(announced),
    forgetAll: () => thread.forgetAll(),
    settle: (settled) => thread.settle(settled.upload, settled.arrived),
    trust: (store) => thread.trust(store),
    scan: (options) => thread.scan(options),
    claim: (claim) => thread.claim(claim),
    begin: (upload) => thread.begin(upload),
    stored: (upload) => thread.stored(upload),
    keepCopy: (copy) => thread.keepCopy(copy),
    commit: (snapshot) => thread.commit(snapshot),
    suspicious: (name) => thread.suspicious(name),
    accept: (id) => thread.accept(id),
    lockedBefore: ({ ids, untilMs }) => thread.locks.endingBefore(ids, untilMs),
    locked: ({ ids, untilMs }) => thread.locks.add(ids, untilMs),
    forgetLocks: (untilMs) => thread.locks.forgetBefore(untilMs),
    close: () => thread?.close(),
    rest: () => {
      collectGarbage();
      giveMemoryBack();
    },
  });
}

if (isWorker()) serve(self as unknown as Port);
