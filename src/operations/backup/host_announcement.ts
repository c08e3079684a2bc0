import type { HostKeys } from "../../model/host_keys.ts";
import type { HostTools } from "../../read/hosts.ts";
import type { Remote } from "../../threads/rpc.ts";
import { announceHost, announcement } from "../../write/announce_host.ts";
import type { IndexApi } from "./messages.ts";

/**
 * Seals the keys of the host where that was not done yet, or to others or under another name than `announced` says; what a new recipient
 * cannot open is stored again.
 */
export async function announceChanges(
  tools: HostTools,
  keys: HostKeys,
  index: Remote<Pick<IndexApi, "forgetAll" | "setAnnounced">>,
  { hostname, recipients }: { readonly hostname: string; readonly recipients: readonly string[] },
  announced: string | undefined,
): Promise<void> {
  const now = announcement({ store: tools.store.location, hostname, recipients });
  if (announced === now) return;
  const before: readonly string[] = announced === undefined ? recipients : JSON.parse(announced).recipients;
  const warn = (text: string) => tools.report({ kind: "warning", text });
  const added = recipients.filter((recipient) => !before.includes(recipient));
  if (added.length > 0) {
    const count = await index.forgetAll();
    warn(
      `age_recipients has ${added.length} that could not open the ${count} blobs stored so far: everything is ` +
        "stored again for all recipients; older snapshots open with the keys of their time only",
    );
  }
  const removed = before.filter((recipient) => !recipients.includes(recipient));
  if (removed.length > 0) {
    warn(
      `age_recipients lacks ${removed.length} of before: their keys still open all that is stored so far, also what ` +
        "new snapshots share with it; docs/keys.md says what that means for a key that was stolen",
    );
  }
  await announceHost(tools, keys, { hostname, recipients });
  await index.setAnnounced(now);
}
