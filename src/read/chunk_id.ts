import { ID_BYTES } from "../base/digest.ts";
import { sha256Into } from "../platform/sha256.ts";

const digest = new Uint8Array(ID_BYTES);
const HEX_DIGITS = "0123456789abcdef";
/** Two digits for each byte. */
const FIRST_DIGIT = Uint8Array.from({ length: 256 }, (_, byte) => HEX_DIGITS.charCodeAt(byte >> 4));
const SECOND_DIGIT = Uint8Array.from({ length: 256 }, (_, byte) => HEX_DIGITS.charCodeAt(byte & 15));

/** Whether `id` is that of these bytes; as `sha256Hex(bytes) === id`, for very many short pieces. */
export function isIdOf(id: string, bytes: Uint8Array): boolean {
  sha256Into(bytes, digest, 0);
  let isSame = id.length === 2 * ID_BYTES;
  for (let i = 0; isSame && i < ID_BYTES; i++) {
    const byte = digest[i]!;
    isSame = id.charCodeAt(2 * i) === FIRST_DIGIT[byte] && id.charCodeAt(2 * i + 1) === SECOND_DIGIT[byte];
  }
  return isSame;
}
