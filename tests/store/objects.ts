import { createHash } from "node:crypto";
import type { ObjectInfo } from "../../src/store/store.ts";

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Bytes that look random and are the same each time. */
export function noise(length: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = length + 1;
  for (let i = 0; i < words.length; i++) words[i] = state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return new Uint8Array(words.buffer, 0, length);
}

export async function collect(objects: AsyncIterable<ObjectInfo>): Promise<ObjectInfo[]> {
  const found: ObjectInfo[] = [];
  for await (const object of objects) found.push(object);
  return found;
}

export async function namesOf(objects: AsyncIterable<ObjectInfo>): Promise<string[]> {
  return (await collect(objects)).map((object) => object.name);
}
