import { view } from "../base/bytes.ts";
import { isPortable, libc } from "./libc.ts";

const NEWLINE = 10;

const memory = libc({ memmem: { parameters: ["buffer", "usize", "buffer", "usize"], result: "usize" } });

const encoder = new TextEncoder();
const encoded = new Map<string, Uint8Array<ArrayBuffer>>();
/** Texts whose bytes are kept. */
const ENCODED_MAX = 64;

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  let bytes = encoded.get(text);
  if (bytes === undefined) {
    if (encoded.size >= ENCODED_MAX) encoded.clear();
    encoded.set(text, bytes = encoder.encode(text));
  }
  return bytes;
}

/**
 * Text in UTF-8 of which little is looked at: made into a string it would leave the garbage collector with that. Places are counted in
 * bytes, otherwise its methods are those of a string.
 */
export class SearchedBytes {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #address: bigint | undefined;

  /** `undefined` where the system cannot search bytes any faster than a string. */
  static of(bytes: Uint8Array<ArrayBuffer>): SearchedBytes | undefined {
    return isPortable ? undefined : new SearchedBytes(bytes);
  }

  private constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
  }

  indexOf(text: string, from = 0): number {
    if (from >= this.#bytes.length) return -1;
    if (text === "\n") return this.#bytes.indexOf(NEWLINE, from);
    const [rest, needle] = [this.#bytes.subarray(from), bytesOf(text)];
    const found = memory().memmem(rest, BigInt(rest.length), needle, BigInt(needle.length));
    if (found === 0n) return -1;
    this.#address ??= Deno.UnsafePointer.value(Deno.UnsafePointer.of(this.#bytes));
    return Number(found - this.#address);
  }

  lastIndexOf(text: string, from: number): number {
    return text === "\n" ? this.#bytes.lastIndexOf(NEWLINE, from) : view(this.#bytes).lastIndexOf(text, from);
  }

  startsWith(text: string, at = 0): boolean {
    const needle = bytesOf(text);
    return needle.every((byte, i) => this.#bytes[at + i] === byte);
  }

  slice(from: number, end: number): string {
    return view(this.#bytes).toString("utf8", from, end);
  }
}
