import bcrypt from "bcrypt-pbkdf";
import { cbc, ctr } from "@noble/ciphers/aes.js";
import { SshKeyFault } from "./ssh_key_fault.ts";
import { SshReader } from "./ssh_wire.ts";

// What a passphrase protects in key files of OpenSSH.

const IV_BYTES = 16;
/** More take minutes; ssh-keygen has 24 by default. */
const ROUNDS_MAX = 10_000;

/** What a key file has in clear, and the part that may be sealed. */
export interface SshKeyFile {
  readonly cipher: string;
  readonly derivation: string;
  readonly derivationOptions: Uint8Array;
  readonly secret: Uint8Array;
}

type Open = (key: Uint8Array, iv: Uint8Array, sealed: Uint8Array) => Uint8Array;
const openCtr: Open = (key, iv, sealed) => ctr(key, iv).decrypt(sealed);
const openCbc: Open = (key, iv, sealed) => cbc(key, iv, { disablePadding: true }).decrypt(sealed);

/** What protects a key, by the name that OpenSSH has for it. */
const CIPHERS: Readonly<Record<string, { readonly open: Open; readonly keyBytes: number }>> = {
  "aes128-ctr": { open: openCtr, keyBytes: 16 },
  "aes256-ctr": { open: openCtr, keyBytes: 32 },
  "aes128-cbc": { open: openCbc, keyBytes: 16 },
  "aes256-cbc": { open: openCbc, keyBytes: 32 },
};

/**
 * The sealed part of a key file in clear, in whose first numbers shows whether the passphrase is right. Throws {@link SshKeyFault} where it is
 * not, or where nothing known protects the key.
 */
export function openProtected(
  { cipher, derivation, derivationOptions, secret }: SshKeyFile,
  passphrase: string,
): Uint8Array {
  const known = CIPHERS[cipher];
  if (known === undefined || derivation !== "bcrypt") {
    throw new SshKeyFault(
      `the SSH key is protected by ${cipher}, which cannot be opened here; ssh-keygen -p -Z aes256-ctr -f FILE changes that`,
    );
  }
  const key = derived(passphrase, derivationOptions, known.keyBytes + IV_BYTES);
  const plain = known.open(key.subarray(0, known.keyBytes), key.subarray(known.keyBytes), secret);
  const numbers = new SshReader(plain);
  if (numbers.uint32() !== numbers.uint32()) throw new SshKeyFault("the passphrase is wrong");
  return plain;
}

/** bcrypt_pbkdf, as OpenBSD has it. */
function derived(passphrase: string, options: Uint8Array, length: number): Uint8Array {
  const reader = new SshReader(options);
  const salt = reader.bytes();
  const rounds = reader.uint32();
  if (rounds > ROUNDS_MAX) throw new SshKeyFault(`its passphrase takes ${rounds} rounds of bcrypt`);
  const secret = new TextEncoder().encode(passphrase);
  const key = new Uint8Array(length);
  if (bcrypt.pbkdf(secret, secret.length, salt, salt.length, key, length, rounds) !== 0) {
    // It takes no empty passphrase, which ssh-keygen does not make either, and no empty salt.
    throw new SshKeyFault("the passphrase is wrong");
  }
  return key;
}
