import { ed25519 } from "@noble/curves/ed25519.js";
import { equalBytes } from "../base/bytes.ts";
import { decoded, KEY_BYTES, SshIdentity, TYPE } from "./ssh.ts";
import { SshKeyFault } from "./ssh_key_fault.ts";
import type { SshKeyFile } from "./ssh_passphrase.ts";
import { SshReader } from "./ssh_wire.ts";

// Files of private keys as ssh-keygen writes them: "openssh-key-v1", PROTOCOL.key of OpenSSH.

const HEAD = "-----BEGIN OPENSSH PRIVATE KEY-----";
const FOOT = "-----END OPENSSH PRIVATE KEY-----";
const MAGIC = new TextEncoder().encode("openssh-key-v1\0");
const SECRET_BYTES = 64;

/** Whether `text` is that of an OpenSSH private key which a passphrase protects. */
export function isProtectedSshKey(text: string): boolean {
  try {
    return keyFileIn(text).cipher !== "none";
  } catch {
    return false;
  }
}

/** The identity in the text of an OpenSSH private key file that no passphrase protects. Throws {@link SshKeyFault}. */
export function readSshKey(text: string): SshIdentity {
  try {
    const { cipher, secret } = keyFileIn(text);
    if (cipher !== "none") throw new SshKeyFault("a passphrase protects the SSH key");
    return new SshIdentity(seedIn(secret));
  } catch (cause) {
    throw asFault(cause);
  }
}

/** The same of one that a passphrase may protect. Throws {@link SshKeyFault}, also where the passphrase is wrong. */
export async function openSshKey(text: string, passphrase: string): Promise<SshIdentity> {
  try {
    const file = keyFileIn(text);
    if (file.cipher === "none") return new SshIdentity(seedIn(file.secret));
    // Its tables take 15 ms to make, which only who has such a key shall wait.
    const { openProtected } = await import("./ssh_passphrase.ts");
    return new SshIdentity(seedIn(openProtected(file, passphrase)));
  } catch (cause) {
    throw asFault(cause);
  }
}

function asFault(cause: unknown): SshKeyFault {
  if (cause instanceof SshKeyFault) return cause;
  return new SshKeyFault("the SSH key is damaged; copy it again, whole", { cause });
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
