import { Buffer } from "node:buffer";

/** A `Buffer` view of `bytes`; no copy. */
export function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function toHex(bytes: Uint8Array): string {
  return view(bytes).toString("hex");
}

export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, "hex"));
}

export function toBase64(bytes: Uint8Array): string {
  return view(bytes).toString("base64");
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, "base64"));
}

/** A string whose char codes are the bytes: compact, hashable as a map key, ordered as bytes are. */
export function toLatin1(bytes: Uint8Array): string {
  return view(bytes).toString("latin1");
}

export function fromLatin1(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Smaller buffers may be parts of a shared pool. */
const OWN_MEMORY_BYTES = 16 * 1024;

/**
 * Gives the memory of `bytes` back now: the garbage collector lets tens of megabytes of large buffers pile up in each thread.
 * The caller made the buffer and no one has a view of it any more.
 */
export function release(bytes: ArrayBufferView): void {
  // Not every browser can, and what is shared stays.
  if (bytes.buffer.byteLength >= OWN_MEMORY_BYTES) (bytes.buffer as ArrayBuffer).transfer?.(0);
}
