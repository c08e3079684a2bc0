import { concatBytes } from "../base/bytes.ts";

// The binary format of SSH (RFC 4251, section 5).

/** Reads values one after the other. Throws where the bytes end before the value. */
export class SshReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  uint32(): number {
    const bytes = this.#take(4);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
  }

  bytes(): Uint8Array {
    return this.#take(this.uint32());
  }

  text(): string {
    return new TextDecoder().decode(this.bytes());
  }

  /** Throws where something follows. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw new Error("bytes follow");
  }

  #take(length: number): Uint8Array {
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    if (taken.length !== length) throw new Error("cut short");
    this.#at += length;
    return taken;
  }
}

/** `bytes` after their length. */
export function sshString(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return concatBytes([length, bytes]);
}
