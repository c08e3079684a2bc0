import type { Index } from "../index/index.ts";
import { recipientTag } from "../model/host_keys.ts";
import type { Manifest } from "../model/manifest.ts";
import { type SealedSince, sealedSince } from "../model/sealed_since.ts";
import type { HostTools } from "../read/hosts.ts";
import { eachHostKeys } from "../read/sealed_keys.ts";
import { silent } from "../report/events.ts";
import { HeaderOpener, type Identity } from "../seal/age.ts";
import { ANNOUNCED, announcement } from "../write/announce_host.ts";

// What a rebuilt index has to know of recipients: a snapshot must not name what not all of its recipients open.

/** To whom the newest snapshot is sealed, and since when all was, as far as the sealed keys tell. */
export async function recipientsOf(
  tools: HostTools,
  identities: readonly Identity[],
  { finishedAt }: Manifest,
): Promise<SealedSince | undefined> {
  const keys = eachHostKeys({ ...tools, report: silent }, new HeaderOpener(identities));
  return sealedSince(await Array.fromAsync(keys), finishedAt);
}

/** Those of a host's snapshots that are sealed to all recipients of the newest one. */
export function sealedToAll(own: readonly Manifest[], sealed: SealedSince | undefined): readonly Manifest[] {
  return own.filter(({ finishedAt }) => sealed === undefined || Date.parse(finishedAt) >= sealed.sinceMs);
}

/** Whichever of `recipients` is not among those of then is a new one to the next backup, which stores everything again for it. */
export function noteRecipients(
  { store }: HostTools,
  index: Index,
  { hostname, recipients: tags }: SealedSince,
  recipients: readonly string[],
): void {
  const known = recipients.filter((recipient) => tags.includes(recipientTag(recipient)));
  index.set(ANNOUNCED, announcement({ store: store.location, hostname, recipients: known }));
}
