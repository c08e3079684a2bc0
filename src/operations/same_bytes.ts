/** Reads both files until they differ. */
export async function haveSameBytes(one: string, other: string): Promise<boolean> {
  using file = await Deno.open(one);
  using otherFile = await Deno.open(other);
  const [buffer, otherBuffer] = [new Uint8Array(1 << 16), new Uint8Array(1 << 16)];
  while (true) {
    const [length, otherLength] = [await fill(file, buffer), await fill(otherFile, otherBuffer)];
    if (length !== otherLength || buffer.some((byte, i) => i < length && byte !== otherBuffer[i])) {
      return false;
    }
    if (length === 0) return true;
  }
}

async function fill(file: Deno.FsFile, buffer: Uint8Array): Promise<number> {
  let length = 0;
  while (length < buffer.length) {
    const read = await file.read(buffer.subarray(length));
    if (read === null) break;
    length += read;
  }
  return length;
}
