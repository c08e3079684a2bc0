import bcrypt from "bcrypt-pbkdf";
import { cbc, ctr } from "@noble/ciphers/aes.js";
import { ed25519 } from "@noble/curves/ed25519.js";
import { equalBytes } from "../base/bytes.ts";
import { decoded, KEY_BYTES, SshIdentity, TYPE } from "./ssh.ts";
import { SshReader } from "./ssh_wire.ts";

// Files of private keys as ssh-keygen writes them: "openssh-key-v1", PROTOCOL.key of OpenSSH.

const HEAD = "-----BEGIN OPENSSH PRIVATE KEY-----";
const FOOT = "-----END OPENSSH PRIVATE KEY-----";
const MAGIC = new TextEncoder().encode("openssh-key-v1\0");
const SECRET_BYTES = 64;
const IV_BYTES = 16;
/** More take minutes; ssh-keygen has 24 by default. */
const ROUNDS_MAX = 10_000;

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

/** Why an SSH key cannot be used, for a message. */
export class SshKeyFault extends Error {
  override readonly name = "SshKeyFault";
}

/** What a key file has in clear, and the part that may be sealed. */
interface SshKeyFile {
  readonly cipher: string;
  readonly derivation: string;
  readonly derivationOptions: Uint8Array;
  readonly secret: Uint8Array;
}

/** Whether `text` is that of an OpenSSH private key which a passphrase protects. */
export function isProtectedSshKey(text: string): boolean {
  try {
    return keyFileIn(text).cipher !== "none";
  } catch {
    return false;
  }
}

/**
 * The identity in the text of an OpenSSH private key file; `passphrase` where one protects it. Throws {@link SshKeyFault}, also where
 * the passphrase is wrong.
 */
export function readSshKey(text: string, passphrase?: string): SshIdentity {
  try {
    const file = keyFileIn(text);
    return new SshIdentity(seedIn(file.cipher === "none" ? file.secret : opened(file, passphrase)));
  } catch (cause) {
    if (cause instanceof SshKeyFault) throw cause;
    throw new SshKeyFault("the SSH key is damaged; copy it again, whole", { cause });
  }
}

function keyFileIn(text: string): SshKeyFile {
  const start = text.indexOf(HEAD);
  const end = text.indexOf(FOOT);
  if (start < 0 || end < start) {
    throw new SshKeyFault("it is no OpenSSH private key; ssh-keygen -p -f FILE writes it as one");
  }
  const file = decoded(text.slice(start + HEAD.length, end).replace(/\s/g, ""));
  if (!equalBytes(file.subarray(0, MAGIC.length), MAGIC)) throw new Error("no magic");
  const reader = new SshReader(file.subarray(MAGIC.length));
  const cipher = reader.text();
  const derivation = reader.text();
  const derivationOptions = reader.bytes();
  if (reader.uint32() !== 1) throw new Error("not one key");
  reader.bytes(); // the public key, which is in what follows again
  return { cipher, derivation, derivationOptions, secret: reader.bytes() };
}

/** The sealed part in clear. Whether the passphrase is right shows in its first numbers. */
function opened(
  { cipher, derivation, derivationOptions, secret }: SshKeyFile,
  passphrase: string | undefined,
): Uint8Array {
  if (passphrase === undefined) throw new SshKeyFault("a passphrase protects the SSH key");
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

function seedIn(plain: Uint8Array): Uint8Array {
  const reader = new SshReader(plain);
  if (reader.uint32() !== reader.uint32()) throw new Error("check numbers differ");
  const type = reader.text();
  if (type !== TYPE) {
    throw new SshKeyFault(`it is an SSH key of type ${type}, only ${TYPE} can be used`);
  }
  const publicKey = reader.bytes();
  const secret = reader.bytes();
  const seed = secret.subarray(0, KEY_BYTES);
  if (secret.length !== SECRET_BYTES || !equalBytes(ed25519.getPublicKey(seed), publicKey)) {
    throw new Error("the halves do not belong together");
  }
  return seed;
}
