import { view } from "../base/bytes.ts";
import { ID_BYTES } from "../base/digest.ts";
import { sha256Into } from "../platform/sha256.ts";

const id = new Uint8Array(ID_BYTES);

/** As `sha256Hex`, for very many short pieces. */
export function chunkIdOf(bytes: Uint8Array): string {
  sha256Into(bytes, id, 0);
  return view(id).toString("hex");
}
