import type { Trust } from "../model/trust.ts";
import type { Refuse } from "./refusal.ts";
import { type Settings, TRUSTED_HOSTS } from "./schema.ts";

/** Whose snapshots count; absent where the configuration does not say. */
export function trust(
  { trusted_hosts, untrusted_snapshots }: Settings,
  refuse: Refuse,
): { readonly trust?: Trust } {
  if (trusted_hosts !== undefined) {
    return { trust: { hosts: trusted_hosts, untrusted: untrusted_snapshots ?? "ignore" } };
  }
  if (untrusted_snapshots === undefined) return {};
  throw refuse(`trusted_hosts is missing; needed is ${TRUSTED_HOSTS}`);
}
