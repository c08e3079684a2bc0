import { sha256Hex } from "../base/digest.ts";
import { CorruptionError, NotFoundError, UnavailableError, UsageError } from "../base/errors.ts";
import { decodeKeys, type HostKeys, KEYS_STORED_MAX, type SealedKeys } from "../model/host_keys.ts";
import { hostIdOf, isHostId } from "../model/host_id.ts";
import { KEYS_PREFIX, sha256OfKeys } from "../model/names.ts";
import { HeaderOpener, type Identity } from "../seal/age.ts";
import { openFile } from "../seal/file.ts";
import { publicKeyOf } from "../seal/signature.ts";
import { hostsOf, type HostTools, listHosts, trustedHostname } from "./hosts.ts";
import { headsOf } from "./newest_first.ts";
import type { Choice } from "./resolve.ts";
import { allSnapshots, readSnapshot } from "./snapshots.ts";
import type { Tools } from "./tools.ts";

/** The id of the host that has these keys. */
export function hostOf(keys: HostKeys): string {
  return hostIdOf(publicKeyOf(keys.signingKey));
}

/** The keys of a host, from the newest of its sealed keys that `opener` opens; `undefined` where there is none. */
export async function openHostKeys(tools: HostTools, opener: HeaderOpener): Promise<SealedKeys | undefined> {
  for await (const keys of eachHostKeys(tools, opener)) return keys;
  return undefined;
}

/** Those of a host's sealed keys that `opener` opens, newest first. What is not what the host's directory says is passed over with a warning. */
export async function* eachHostKeys(
  { store, signal, report, host }: HostTools,
  opener: HeaderOpener,
): AsyncGenerator<SealedKeys> {
  const listed = await Array.fromAsync(store.list(KEYS_PREFIX, { signal }));
  const newestFirst = listed.sort((a, b) => b.modified.getTime() - a.modified.getTime());
  for (const { name } of newestFirst) {
    const sha256 = sha256OfKeys(name);
    if (sha256 === undefined) continue;
    let keys: SealedKeys;
    try {
      const sealed = await store.get(name, { signal, maxBytes: KEYS_STORED_MAX });
      if (sha256Hex(sealed) !== sha256) throw new CorruptionError("its bytes are others");
      keys = decodeKeys(new TextDecoder().decode(await openFile(sealed, opener)));
      if (keys.host !== host || hostOf(keys) !== host) throw new CorruptionError("it is of another host");
    } catch (error) {
      // Of an object that did not come nothing is known.
      if (signal.aborted || error instanceof UnavailableError) throw error;
      report({
        kind: "warning",
        text: `"${store.location}/${name}" is not used: ${(error as Error).message}`,
      });
      continue;
    }
    yield keys;
  }
}

/**
 * `tools` with what opens the names of all hosts, and what these are called, where `choice` goes by names: an identity opens the sealed
 * keys of the hosts that it is for.
 */
export async function withNamesKeys(
  tools: Tools,
  identities: readonly Identity[],
  { host, name, before }: Choice,
): Promise<Tools> {
  if (name === undefined && (host === undefined || isHostId(host))) return tools;
  const opener = new HeaderOpener(identities);
  const [namesKeys, hostNames] = [new Map(tools.namesKeys), new Map(tools.hostNames)];
  const listed = { ...tools, listedHosts: await listHosts(tools) };
  const hosts = await hostsOf(listed);
  const only = hosts.length === 1 && name === undefined && before === undefined ? hosts[0] : undefined;
  if (only !== undefined && host !== undefined && await hostnameOfNewest(only, opener) === host) {
    return { ...listed, hostNames: hostNames.set(only.host, host) };
  }
  for (const one of hosts) {
    const opening = openHostKeys(one, opener);
    if (hosts.length === 1) listAhead(one);
    const keys = await opening;
    if (keys === undefined) continue;
    namesKeys.set(one.host, keys.namesKey);
    if (trustedHostname(tools, one.host) === undefined) hostNames.set(one.host, keys.hostname);
  }
  return { ...listed, namesKeys, hostNames };
}

/**
 * What a host is called, by the configuration or its newest snapshot, for a command that is most likely going to open that: so the host's
 * keys need not be asked for. `undefined` where that cannot be read.
 */
async function hostnameOfNewest(tools: HostTools, opener: HeaderOpener): Promise<string | undefined> {
  const { sealedAhead, listings } = tools;
  if (sealedAhead === undefined || listings === undefined) return undefined;
  const trusted = trustedHostname(tools, tools.host);
  if (trusted !== undefined) return trusted;
  try {
    const newest = (await allSnapshots(tools)).at(-1);
    if (newest === undefined) return undefined;
    sealedAhead.begin(tools, newest.id);
    const head = await headsOf(tools)(newest);
    const copy = await sealedAhead.look(newest.id);
    return (await readSnapshot(tools, head, opener, { copy })).hostname;
  } catch (error) {
    const isOfIt = error instanceof CorruptionError || error instanceof NotFoundError ||
      error instanceof UsageError;
    if (isOfIt) return undefined;
    throw error;
  }
}

/** The snapshots of the only host are listed while its keys are read, where the command is going to want them. */
function listAhead(tools: HostTools): void {
  if (tools.listings === undefined) return;
  allSnapshots(tools).catch(() => {}); // thrown to who asks for it
}
