import { randomBytes } from "node:crypto";
import { toHex } from "../src/base/bytes.ts";
import { hostIdOf } from "../src/model/host_id.ts";
import type { HostKeys } from "../src/model/host_keys.ts";
import { hostPrefix } from "../src/model/names.ts";
import { announceHost } from "../src/write/announce_host.ts";
import { silent } from "../src/report/events.ts";
import { generateKeyPair } from "../src/seal/keys.ts";
import { newNamesKey } from "../src/seal/names_key.ts";
import { newSigningKey, publicKeyOf } from "../src/seal/signature.ts";
import type { ObjectStore } from "../src/store/store.ts";
import { within } from "../src/store/within.ts";
import { Forger } from "./history_forger.ts";

export interface ForgedHistory {
  readonly host: string;
  readonly identity: string;
  /** A file of the newest snapshot that can really be restored. */
  readonly path: string;
  /** Bytes that each snapshot after the first has added, beside chunks and pages. */
  readonly addedBytes: readonly number[];
  /** What the host has beside its index. */
  readonly keys: HostKeys;
}

export interface HistoryOptions {
  readonly snapshots: number;
  readonly blobs: number;
  /** Pages are there and can be looked into, which takes minutes; else only those of the newest snapshot's changes are. */
  readonly withPages?: boolean;
}

/** Makes up blobs, and pages unless they are wanted, and writes everything else as a backup would: manifests, lists, snapshots, lists of pages. */
export async function forgeHistory(
  store: ObjectStore,
  { snapshots, blobs, withPages = false }: HistoryOptions,
): Promise<ForgedHistory> {
  const keys = { signingKey: newSigningKey(), chunkerSeed: toHex(randomBytes(32)), namesKey: newNamesKey() };
  const pair = await generateKeyPair({ postQuantum: false });
  const host = hostIdOf(publicKeyOf(keys.signingKey));
  const tools = {
    store: within(store, hostPrefix(host)),
    host,
    report: silent,
    signal: new AbortController().signal,
    now: () => new Date(),
  };
  await announceHost(tools, keys, { hostname: "web1", recipients: [pair.recipient] });
  const forger = new Forger(tools, keys, pair.recipient);
  await forger.begin(blobs - snapshots, withPages);
  const addedBytes: number[] = [];
  for (let number = 0; number < snapshots; number++) {
    const added = await forger.addSnapshot(number, withPages, number === snapshots - 1);
    if (number > 0) addedBytes.push(added);
  }
  return { host, keys, identity: pair.identity, path: forger.path, addedBytes };
}
