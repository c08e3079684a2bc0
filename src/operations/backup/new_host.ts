import { RefusedError } from "../../base/errors.ts";
import { isHostId } from "../../model/host_id.ts";
import { HOSTS_PREFIX } from "../../model/names.ts";
import { foldersIn } from "../../store/store.ts";
import type { Tools } from "../../read/tools.ts";

/** Says that this machine, of which the keys were made just now, begins as one more host: who has lost its keys wants to know before that. */
export async function tellOfNewHost({ store, signal, report }: Tools, indexPath: string): Promise<void> {
  let hosts: string[];
  try {
    hosts = (await foldersIn(store, HOSTS_PREFIX, { signal })).filter(isHostId);
  } catch (error) {
    if (error instanceof RefusedError) return;
    throw error;
  }
  if (hosts.length === 0) return;
  const others = hosts.length === 1 ? "another host" : `${hosts.length} other hosts`;
  report({
    kind: "note",
    text:
      `${store.location} has ${others}; this machine begins as a new one. If it was one of them and has lost its index directory, ` +
      `remove ${indexPath}.host.json and run vaultik index rebuild --identity KEY --host HOST: it is that host again then`,
  });
}
