import { ID_BYTES } from "../base/digest.ts";
import { sha256Into } from "../platform/sha256.ts";

const digest = new Uint8Array(ID_BYTES);
const HEX_DIGITS = "0123456789abcdef";
/** Of each byte. */
const FIRST_DIGITS = Uint8Array.from({ length: 256 }, (_, byte) => HEX_DIGITS.charCodeAt(byte >> 4));
const SECOND_DIGITS = Uint8Array.from({ length: 256 }, (_, byte) => HEX_DIGITS.charCodeAt(byte & 15));

/** What has an id, of 64 hex digits. Of very many, compact ones compare it themselves: as text it would have to be made first. */
export interface Identified {
  readonly id: string;
  /** Whether the id has these bytes. */
  isId?(bytes: Uint8Array): boolean;
}

/** Whether the id of `chunk` is that of its bytes; as `sha256Hex(bytes) === chunk.id`, for very many short pieces. */
export function isIdOf(chunk: Identified, bytes: Uint8Array): boolean {
  sha256Into(bytes, digest, 0);
  return chunk.isId === undefined ? isHexOf(chunk.id, digest) : chunk.isId(digest);
}

/** Whether `text` is `bytes` in lower-case hex. */
export function isHexOf(text: string, bytes: Uint8Array): boolean {
  if (text.length !== 2 * bytes.length) return false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (text.charCodeAt(2 * i) !== FIRST_DIGITS[byte]) return false;
    if (text.charCodeAt(2 * i + 1) !== SECOND_DIGITS[byte]) return false;
  }
  return true;
}
