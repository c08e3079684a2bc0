// In the place of node:buffer: bytes as text and back.

type Encoding = "hex" | "base64" | "latin1";

/** Characters that are made of bytes at a time: an argument list has its bound. */
const CHARACTERS = 8192;

export class Buffer extends Uint8Array {
  static override from(source: any, second?: any, third?: any): Buffer {
    if (typeof source === "string") return bytesOf(source, second as Encoding);
    if (source instanceof ArrayBuffer) return new Buffer(source, second, third);
    return new Buffer(Uint8Array.from(source as Uint8Array));
  }

  static compare(a: Uint8Array, b: Uint8Array): number {
    const length = Math.min(a.length, b.length);
    for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i] - b[i];
    return a.length - b.length;
  }

  override toString(encoding?: Encoding): string {
    if (encoding === "hex") {
      return Array.from(this, (byte) => byte.toString(16).padStart(2, "0"))
        .join("");
    }
    return encoding === "base64" ? btoa(latin1Of(this)) : latin1Of(this);
  }
}

function latin1Of(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHARACTERS) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHARACTERS));
  }
  return text;
}

function bytesOf(text: string, encoding: Encoding): Buffer {
  if (encoding === "hex") {
    const digits = /^(?:[0-9a-f]{2})*/i.exec(text)![0];
    return new Buffer(digits.length / 2).map((_, i) =>
      parseInt(digits.slice(2 * i, 2 * i + 2), 16)
    ) as Buffer;
  }
  const latin1 = encoding === "base64" ? decodeBase64(text) : text;
  const bytes = new Buffer(latin1.length);
  for (let i = 0; i < latin1.length; i++) bytes[i] = latin1.charCodeAt(i);
  return bytes;
}

/** As node does it: what is no digit ends the text. */
function decodeBase64(text: string): string {
  const digits = /^[A-Za-z0-9+/]*/.exec(text)![0];
  return atob(digits.length % 4 === 1 ? digits.slice(0, -1) : digits);
}
