import { randomBytes } from "node:crypto";
import { CorruptionError } from "../base/errors.ts";
import { type HeaderOpener, newHeader } from "./age.ts";
import { headerLength } from "./header.ts";
import { NONCE_BYTES, openPieces, PayloadWriter, plainLength, sealedLength, streamKey } from "./payload.ts";

/** A whole age file, for what is small: snapshots. */
export async function sealFile(plain: Uint8Array, recipients: readonly string[]): Promise<Uint8Array> {
  const header = await newHeader(recipients);
  const out = new Uint8Array(header.bytes.length + NONCE_BYTES + sealedLength(plain.length));
  const writer = new PayloadWriter(out, header.bytes, header.fileKey, randomBytes(NONCE_BYTES));
  writer.write(plain);
  writer.finish();
  return out;
}

/** Inverse of {@link sealFile}. Throws `UsageError` where no identity fits, `CorruptionError`. */
export async function openFile(file: Uint8Array, opener: HeaderOpener): Promise<Uint8Array> {
  const length = headerLength(file);
  if (length === undefined) throw new CorruptionError("Cannot open age file: its header is cut short");
  const fileKey = await opener.open(file.subarray(0, length));
  const sealed = file.subarray(length + NONCE_BYTES);
  const key = streamKey(fileKey, file.subarray(length, length + NONCE_BYTES));
  return openPieces(key, 0, sealed, plainLength(sealed.length));
}
