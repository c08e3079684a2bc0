/** A host whose snapshots count: those in the directory that its key names. */
export interface TrustedHost {
  readonly hostname: string;
  /** Ed25519 public key, 32 raw bytes in base64. */
  readonly key: string;
  /** Opens the names in its manifests, 32 bytes in base64. */
  readonly namesKey?: string;
}

/** Whose snapshots count, and what is done about others. */
export interface Trust {
  readonly hosts: readonly TrustedHost[];
  /** `ignore`: left out, with a warning. `refuse`: whatever meets one stops. */
  readonly untrusted: "ignore" | "refuse";
}

const TRUSTED_HOST = /^([A-Za-z0-9][A-Za-z0-9.-]{0,127}) ([A-Za-z0-9+/]{43}=)(?: ([A-Za-z0-9+/]{43}=))?$/;

/** Reads `HOSTNAME KEY [NAMES KEY]`; `undefined` where it is something else. */
export function parseTrustedHost(text: string): TrustedHost | undefined {
  const match = TRUSTED_HOST.exec(text.trim().replace(/\s+/g, " "));
  if (match === null) return undefined;
  return { hostname: match[1]!, key: match[2]!, ...match[3] === undefined ? {} : { namesKey: match[3] } };
}

/** Inverse of {@link parseTrustedHost}. */
export function formatTrustedHost({ hostname, key, namesKey }: TrustedHost): string {
  return [hostname, key, ...namesKey === undefined ? [] : [namesKey]].join(" ");
}
