import { UsageError } from "../base/errors.ts";
import { hostIdOf, isHostId } from "../model/host_id.ts";
import { hostPrefix, HOSTS_PREFIX } from "../model/names.ts";
import { foldersIn } from "../store/store.ts";
import { within } from "../store/within.ts";
import type { Tools } from "./tools.ts";

/** What an operation on one host is given: `store` is the directory of that host. */
export interface HostTools extends Tools {
  readonly host: string;
}

/** `tools` for the directory of `host`. */
export function hostTools(tools: Tools, host: string): HostTools {
  return { ...tools, store: within(tools.store, hostPrefix(host)), host };
}

/**
 * The hosts of a store that count, in the order of their ids. Without a `trust` all do. Directories of others are ignored with a
 * warning; throws `UsageError` where the trust says `refuse`.
 */
export async function hostsOf(tools: Tools): Promise<HostTools[]> {
  const ids = tools.listedHosts ?? await listHosts(tools);
  const others = ids.filter((id) => !isTrustedHost(tools, id));
  if (others.length > 0) tellOfUntrusted(tools, others);
  return ids.filter((id) => isTrustedHost(tools, id)).map((id) => hostTools(tools, id));
}

/** The ids of all hosts of a store. */
export async function listHosts({ store, signal }: Tools): Promise<string[]> {
  return (await foldersIn(store, HOSTS_PREFIX, { signal })).filter(isHostId);
}

/** The host of a store that has one only. Throws `UsageError`. */
export async function onlyHost(tools: Tools): Promise<HostTools> {
  const hosts = await hostsOf(tools);
  if (hosts.length === 1) return hosts[0]!;
  const known = hosts.length === 0 ? "none" : hosts.map((host) => labelOf(tools, host.host)).join(", ");
  throw new UsageError(`Cannot choose a host of ${tools.store.location}: it has ${known}; --host says which`);
}

/** Whether the snapshots of the host count. */
export function isTrustedHost({ trust, own }: Tools, id: string): boolean {
  return trust === undefined || id === own || trust.hosts.some(({ key }) => hostIdOf(key) === id);
}

/** What a host is called on this machine, or where the configuration says so. */
export function trustedHostname({ trust, hostNames }: Tools, id: string): string | undefined {
  return hostNames?.get(id) ?? trust?.hosts.find(({ key }) => hostIdOf(key) === id)?.hostname;
}

/** The host for messages. */
export function labelOf(tools: Tools, id: string): string {
  const hostname = trustedHostname(tools, id);
  return hostname === undefined ? id : `${hostname} (${id})`;
}

/** What opens the names in the manifests of a host, where it is known. */
export function namesKeyOf({ namesKeys, trust }: Tools, id: string): string | undefined {
  return namesKeys?.get(id) ?? trust?.hosts.find(({ key }) => hostIdOf(key) === id)?.namesKey;
}

function tellOfUntrusted({ trust, report, store }: Tools, ids: readonly string[]): void {
  const which = ids.length === 1 ? `Host ${ids[0]}` : `${ids.length} hosts, as ${ids[0]},`;
  if (trust!.untrusted === "refuse") {
    throw new UsageError(
      `Cannot trust ${store.location}: trusted_hosts does not have host ${
        ids[0]
      }; add it if the host is yours`,
    );
  }
  report({
    kind: "warning",
    text: `${which} ${ids.length === 1 ? "is" : "are"} ignored: not in trusted_hosts`,
  });
}
