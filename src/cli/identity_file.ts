import type { KeyPair } from "../seal/keys.ts";

/** The text of a key file, as age-keygen writes it. */
export function identityFile({ identity, recipient }: KeyPair, now: Date): string {
  const created = now.toISOString().replace(/\.\d+Z$/, "Z");
  return `# created: ${created}\n# public key: ${recipient}\n${identity}\n`;
}
