import { parseTrustedHost, type Trust } from "../model/trust.ts";
import type { Section } from "./section.ts";

export const TRUST_KEYS = ["trusted_hosts", "untrusted_snapshots"];

const ALLOWED = '"HOSTNAME KEY [NAMES KEY]", as vaultik info shows it on that host';

/** Whose snapshots count; absent where the configuration does not say. */
export function trust(top: Section): { readonly trust?: Trust } {
  const untrusted = top.text("untrusted_snapshots", "ignore or refuse") ?? "ignore";
  if (untrusted !== "ignore" && untrusted !== "refuse") {
    throw top.refusal("untrusted_snapshots", "ignore or refuse");
  }
  const texts = top.texts("trusted_hosts", ALLOWED);
  if (texts.length === 0) {
    if (!top.has("untrusted_snapshots") && !top.has("trusted_hosts")) return {};
    throw top.missing("trusted_hosts", `a list of hosts, each ${ALLOWED}`);
  }
  const hosts = texts.map((text, position) => {
    const host = parseTrustedHost(text);
    if (host !== undefined) return host;
    throw top.problem(`trusted_hosts[${position}] is ${JSON.stringify(text)}; allowed is ${ALLOWED}`);
  });
  return { trust: { hosts, untrusted } };
}
