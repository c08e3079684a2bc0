import { CorruptionError, NotFoundError, RefusedError } from "../base/errors.ts";
import { decodeHost, HOST_STORED_MAX } from "../model/host_keys.ts";
import { isHostId } from "../model/host_id.ts";
import { HOST_NAME, HOSTS_PREFIX, RETIRED_NAME, timeOfSnapshot } from "../model/names.ts";
import type { HeaderOpener } from "../seal/age.ts";
import { foldersIn } from "../store/store.ts";
import { openHostKeys } from "../read/sealed_keys.ts";
import { type HostTools, hostTools, isTrustedHost } from "../read/hosts.ts";
import type { Tools } from "../read/tools.ts";
import { hostnameOf } from "../read/resolve.ts";
import { openSigned } from "../read/signed_manifest.ts";
import { listedSnapshots } from "../read/snapshots.ts";

/** What is known of a host. */
export interface ListedHost {
  readonly host: string;
  /** Missing where it is sealed, and this machine has no name for it. */
  readonly hostname: string | undefined;
  /** It is this machine. */
  readonly isOwn: boolean;
  /** Its snapshots count here. */
  readonly isTrusted: boolean;
  /** Someone has retired it, and it has made no snapshot since. */
  readonly isRetired: boolean;
  /** When its keys were made, by its own word. */
  readonly created: string | undefined;
  readonly snapshots: number;
  /** When the newest was begun, as its id says. */
  readonly newestAt: string | undefined;
}

/** Every host that has a directory in the store, trusted or not. With an opener, names come from the sealed keys of the hosts. */
export async function listHosts(tools: Tools, opener?: HeaderOpener): Promise<ListedHost[]> {
  const ids = (await foldersIn(tools.store, HOSTS_PREFIX, { signal: tools.signal })).filter(isHostId);
  const hosts: ListedHost[] = [];
  for (const id of ids) hosts.push(await describe(hostTools(tools, id), opener));
  return hosts;
}

async function describe(tools: HostTools, opener: HeaderOpener | undefined): Promise<ListedHost> {
  const { host, own } = tools;
  const snapshots = await listedSnapshots(tools);
  const newest = snapshots.at(-1);
  const keys = opener === undefined ? undefined : await openHostKeys(tools, opener);
  return {
    host,
    hostname: keys?.hostname ?? await orUndefined(hostnameOf(tools)),
    isOwn: host === own,
    isTrusted: isTrustedHost(tools, host),
    isRetired: newest === undefined && await isRetired(tools),
    created: await orUndefined(createdOf(tools)),
    snapshots: snapshots.length,
    newestAt: newest && new Date(timeOfSnapshot(newest.id)).toISOString(),
  };
}

async function createdOf({ store, signal, host }: HostTools): Promise<string> {
  const stored = await store.get(HOST_NAME, { signal, maxBytes: HOST_STORED_MAX });
  return decodeHost(openSigned(stored.subarray(0, -1), host), host).created;
}

/** What is damaged, gone or may not be read is not known. */
async function orUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    const isKnown = error instanceof CorruptionError || error instanceof NotFoundError ||
      error instanceof RefusedError;
    if (isKnown) return undefined;
    throw error;
  }
}

/** Whether someone has retired the host. */
export async function isRetired({ store, signal }: Pick<HostTools, "store" | "signal">): Promise<boolean> {
  for await (const { name } of store.list(RETIRED_NAME, { signal })) if (name === RETIRED_NAME) return true;
  return false;
}
