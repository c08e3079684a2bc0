import { NotFoundError, UsageError } from "../base/errors.ts";
import type { HostKeys, SealedKeys } from "../model/host_keys.ts";
import { hostsOf } from "../read/hosts.ts";
import { openHostKeys } from "../read/sealed_keys.ts";
import type { Tools } from "../read/tools.ts";
import { HeaderOpener, type Identity } from "../seal/age.ts";

/** The keys of this host from the store. Throws `NotFoundError`, and `UsageError` where several hosts have its name. */
export async function lostKeys(
  root: Tools,
  { host, identities }: { readonly host: string; readonly identities: readonly Identity[] },
): Promise<HostKeys> {
  const opener = new HeaderOpener(identities);
  const found: SealedKeys[] = [];
  for (const tools of await hostsOf(root)) {
    const keys = await openHostKeys(tools, opener);
    if (keys !== undefined && (keys.hostname === host || keys.host === host)) found.push(keys);
  }
  if (found.length === 1) return found[0]!;
  if (found.length === 0) {
    throw new NotFoundError(`Cannot rebuild the index: ${root.store.location} has no keys of host "${host}"`);
  }
  throw new UsageError(
    `Cannot choose host "${host}": ${found.map(({ host }) => host).join(", ")} have that name; ` +
      "--host says which",
  );
}
