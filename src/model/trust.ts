import type { Manifest } from "./manifest.ts";

/** A host whose snapshots count: manifests that bear its name and are signed with its key. */
export interface TrustedHost {
  readonly hostname: string;
  /** Ed25519 public key, 32 raw bytes in base64. */
  readonly key: string;
}

/** Whose snapshots count, and what is done about others. */
export interface Trust {
  readonly hosts: readonly TrustedHost[];
  /** `ignore`: left out, with a warning. `refuse`: whatever meets one stops. */
  readonly untrusted: "ignore" | "refuse";
}

/** Without a `trust` every manifest counts whose signature fits the key in it. */
export function isTrusted(
  trust: Trust | undefined,
  manifest: Pick<Manifest, "hostname" | "hostKey">,
): boolean {
  if (trust === undefined) return true;
  return trust.hosts.some(({ hostname, key }) => hostname === manifest.hostname && key === manifest.hostKey);
}

const TRUSTED_HOST = /^([A-Za-z0-9][A-Za-z0-9.-]{0,127}) ([A-Za-z0-9+/]{43}=)$/;

/** Reads `HOSTNAME KEY`; `undefined` where it is something else. */
export function parseTrustedHost(text: string): TrustedHost | undefined {
  const match = TRUSTED_HOST.exec(text.trim().replace(/\s+/, " "));
  return match === null ? undefined : { hostname: match[1], key: match[2] };
}

/** Inverse of {@link parseTrustedHost}. */
export function formatTrustedHost({ hostname, key }: TrustedHost): string {
  return `${hostname} ${key}`;
}
