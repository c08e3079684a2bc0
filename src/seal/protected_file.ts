import { armor, Decrypter } from "age-encryption";
import { headerLength } from "./header.ts";

// An identity file that is an age file itself, in binary or armored: it takes a passphrase, or another identity, to open it.

const ARMOR = "-----BEGIN AGE ENCRYPTED FILE-----";
const VERSION = "age-encryption.org/";

/** Whether `bytes` are an age file. */
export function isProtected(bytes: Uint8Array): boolean {
  const start = startOf(bytes);
  return start.startsWith(ARMOR) || start.startsWith(VERSION);
}

/** The age file that `bytes` are, without armor. Throws where the armor is damaged. */
export function withoutArmor(bytes: Uint8Array): Uint8Array {
  if (!startOf(bytes).startsWith(ARMOR)) return bytes;
  return armor.decode(new TextDecoder().decode(bytes).trim());
}

/** Whether an age file, without armor, is sealed to a passphrase. */
export function wantsPassphrase(file: Uint8Array): boolean {
  const header = new TextDecoder().decode(file.subarray(0, headerLength(file)));
  return header.includes("\n-> scrypt ");
}

/** Whether `passphrase` opens an age file, and if so what is in it. It takes about a second, and 256 MiB of memory. */
export async function openByPassphrase(file: Uint8Array, passphrase: string): Promise<string | undefined> {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  try {
    return await decrypter.decrypt(file, "text");
  } catch (error) {
    if (error instanceof Error && /no identity matched/.test(error.message)) {
      return undefined;
    }
    throw error;
  }
}

function startOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, 200)).trimStart();
}
