import { hkdfSync } from "node:crypto";
import { CorruptionError } from "../base/errors.ts";
import { cipher, TAG_BYTES } from "./cipher.ts";

// age's STREAM payload (age-encryption.org/v1): pieces of 64 KiB, each sealed by ChaCha20-Poly1305 with its number as nonce.

export const PIECE_BYTES = 64 * 1024;
export const SEALED_PIECE_BYTES = PIECE_BYTES + TAG_BYTES;
export const NONCE_BYTES = 16;

export function streamKey(fileKey: Uint8Array, nonce: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", fileKey, nonce, "payload", 32));
}

/** 11 bytes of counter, big-endian, and one that is 1 for the last piece. */
function pieceNonce(number: number, isLast: boolean): Uint8Array {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(7, number);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

/** Bytes of a sealed payload, without its nonce, for `plain` bytes. */
export function sealedLength(plain: number): number {
  return plain + Math.max(1, Math.ceil(plain / PIECE_BYTES)) * TAG_BYTES;
}

/** Bytes of a whole age file for `plain` bytes. */
export function fileLength(header: Uint8Array, plain: number): number {
  return header.length + NONCE_BYTES + sealedLength(plain);
}

/** Inverse of {@link sealedLength}. Throws `CorruptionError` for a length that no payload has. */
export function plainLength(sealed: number): number {
  const pieces = Math.ceil(sealed / SEALED_PIECE_BYTES);
  const plain = sealed - pieces * TAG_BYTES;
  if (plain < 0 || (plain === 0 && pieces !== 1) || sealedLength(plain) !== sealed) {
    throw new CorruptionError(`Cannot open age payload: ${sealed} bytes is no possible length`);
  }
  return plain;
}

/** Seals a payload as it is written, piece by piece, into one buffer that the caller gives and gets back. */
export class PayloadWriter {
  readonly #key: Uint8Array;
  readonly #piece = new Uint8Array(PIECE_BYTES);
  #pieceLength = 0;
  #number = 0;
  #out: Uint8Array;
  #at: number;

  /** Writes header and nonce to the front of `out`, which must hold all that will be sealed. */
  constructor(out: Uint8Array, header: Uint8Array, fileKey: Uint8Array, nonce: Uint8Array) {
    this.#key = streamKey(fileKey, nonce);
    this.#out = out;
    out.set(header, 0);
    out.set(nonce, header.length);
    this.#at = header.length + nonce.length;
  }

  /** Bytes that the file has if it ends after `more` further plain bytes. */
  lengthWith(more: number): number {
    return this.#at + sealedLength(this.#pieceLength + more);
  }

  write(plain: Uint8Array): void {
    for (let done = 0; done < plain.length;) {
      if (this.#pieceLength === PIECE_BYTES) this.#sealPiece(false);
      // A whole piece that is not the last one needs no copy.
      if (this.#pieceLength === 0 && plain.length - done > PIECE_BYTES) {
        this.#seal(plain.subarray(done, done + PIECE_BYTES), false);
        done += PIECE_BYTES;
        continue;
      }
      const take = Math.min(PIECE_BYTES - this.#pieceLength, plain.length - done);
      this.#piece.set(plain.subarray(done, done + take), this.#pieceLength);
      this.#pieceLength += take;
      done += take;
    }
  }

  /** Seals the rest; the file is the first so many bytes of the buffer. */
  finish(): number {
    this.#sealPiece(true);
    return this.#at;
  }

  #sealPiece(isLast: boolean): void {
    this.#seal(this.#piece.subarray(0, this.#pieceLength), isLast);
    this.#pieceLength = 0;
  }

  #seal(plain: Uint8Array, isLast: boolean): void {
    cipher().seal(this.#key, pieceNonce(this.#number++, isLast), plain, this.#out.subarray(this.#at));
    this.#at += plain.length + TAG_BYTES;
  }
}

/**
 * Opens pieces `first` … of a payload of `plainTotal` bytes, to the front of `plain`, which has as many bytes as `sealed`; `sealed` begins
 * with piece `first` and ends with a whole piece. `onOpened` hears after each piece how many bytes are there. Throws `CorruptionError`.
 */
export function openPieces(
  key: Uint8Array,
  first: number,
  sealed: Uint8Array,
  plainTotal: number,
  plain: Uint8Array = new Uint8Array(sealed.length),
  onOpened?: (bytes: number) => void,
): Uint8Array {
  const lastNumber = Math.max(1, Math.ceil(plainTotal / PIECE_BYTES)) - 1;
  let length = 0;
  let number = first;
  for (let at = 0; at < sealed.length; at += SEALED_PIECE_BYTES) {
    const piece = sealed.subarray(at, at + SEALED_PIECE_BYTES);
    if (piece.length < TAG_BYTES) throw new CorruptionError("Cannot open age payload: it is cut short");
    try {
      cipher().open(key, pieceNonce(number, number === lastNumber), piece, plain.subarray(length));
    } catch (error) {
      throw new CorruptionError("Cannot open age payload: its authentication fails", { cause: error });
    }
    length += piece.length - TAG_BYTES;
    number++;
    onOpened?.(length);
  }
  return plain.subarray(0, length);
}
