import type { Entry } from "../../../model/entry.ts";
import type { FileContents } from "../file_contents.ts";
import type { Member } from "./members.ts";
import { BLOCK_BYTES, padded, tarHead } from "./tar_head.ts";

/** Read at a time. */
const READ_BYTES = 1024 * 1024;
/** Archives are a multiple of this: twenty blocks. */
const RECORD_BYTES = 20 * BLOCK_BYTES;

/**
 * An archive with `members`, in pieces that are not to be changed. Holes are stored as holes (GNU.sparse 1.0). Throws where contents cannot
 * be read: the archive then ends in the middle of a file.
 */
export async function* tar(members: AsyncIterable<Member>): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const member of members) {
    for await (const piece of memberBytes(member)) {
      length += piece.length;
      yield piece;
    }
  }
  const ended = length + 2 * BLOCK_BYTES;
  yield new Uint8Array(Math.ceil(ended / RECORD_BYTES) * RECORD_BYTES - length);
}

async function* memberBytes(member: Member): AsyncGenerator<Uint8Array> {
  const { entry, contents } = member;
  if (contents === undefined) return yield tarHead(member, { size: 0, isSparse: false });
  const regions = dataRegions(contents);
  const isSparse = contents.holes.length > 0;
  const map = isSparse ? padded(sparseMap(regions, contents.size)) : new Uint8Array(0);
  const dataBytes = regions.reduce((sum, [, length]) => sum + length, 0);
  const size = map.length + dataBytes;
  yield tarHead({ ...member, entry: withSize(entry, contents) }, { size, isSparse });
  yield map;
  for (const [offset, length] of regions) yield* read(contents, offset, length);
  yield new Uint8Array(Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES - size);
}

function withSize(entry: Entry, { size }: FileContents): Entry {
  return entry.size === size ? entry : { ...entry, size };
}

/** `[offset, length]` of what is in no hole, ascending. */
function dataRegions({ holes, size }: FileContents): [number, number][] {
  const regions: [number, number][] = [];
  let at = 0;
  for (const [offset, length] of [...holes, [size, 0] as const]) {
    if (offset > at) regions.push([at, offset - at]);
    at = offset + length;
  }
  return regions;
}

/** Where the data is; the last line says where the file ends. */
function sparseMap(regions: readonly (readonly [number, number])[], size: number): Uint8Array {
  const last = regions.at(-1);
  const endsInHole = last === undefined || last[0] + last[1] < size;
  const all = endsInHole ? [...regions, [size, 0] as const] : regions;
  const numbers = [all.length, ...all.flat()];
  return new TextEncoder().encode(numbers.map((number) => `${number}\n`).join(""));
}

async function* read(contents: FileContents, offset: number, length: number): AsyncGenerator<Uint8Array> {
  const end = offset + length;
  for (let at = offset; at < end; at += READ_BYTES) {
    yield* await contents.read(at, Math.min(READ_BYTES, end - at));
  }
}
