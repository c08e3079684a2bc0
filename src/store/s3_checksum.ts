import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { fromBase64, toHex } from "../base/bytes.ts";

/** In the order of trying: what a store keeps of the bytes of a PUT. Each needs the whole body, which stays the same. */
export const CHECKSUMS = ["sha256", "crc32", "md5", "none"] as const;

export type Checksum = typeof CHECKSUMS[number];

/** The header by which a PUT brings the checksum of its body, and its value; `undefined` for none. */
export function checksumHeader(
  checksum: Checksum,
  bytes: Uint8Array,
  sha256: string,
): readonly [string, string] | undefined {
  switch (checksum) {
    case "sha256":
      return ["x-amz-checksum-sha256", toBase64(sha256)];
    case "crc32":
      return ["x-amz-checksum-crc32", crc32Base64(bytes)];
    case "md5":
      return ["content-md5", md5Base64(bytes)];
    case "none":
      return undefined;
  }
}

/** As the header `content-md5` has it. */
export function md5Base64(bytes: Uint8Array | string): string {
  return createHash("md5").update(bytes).digest("base64");
}

/** What S3 calls the checksum where an upload in parts is begun; MD5 belongs to each part alone. */
export function checksumAlgorithm(checksum: Checksum): "SHA256" | "CRC32" | undefined {
  return ({ sha256: "SHA256", crc32: "CRC32", md5: undefined, none: undefined } as const)[checksum];
}

/** As the list of parts repeats it. */
export function partChecksum(checksum: Checksum, bytes: Uint8Array, sha256: string) {
  return {
    ChecksumSHA256: checksum === "sha256" ? toBase64(sha256) : undefined,
    ChecksumCRC32: checksum === "crc32" ? crc32Base64(bytes) : undefined,
  };
}

function toBase64(hex: string): string {
  return Buffer.from(hex, "hex").toString("base64");
}

/** RFC 1952's CRC, most significant byte first. */
function crc32Base64(bytes: Uint8Array): string {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(bytes));
  return value.toString("base64");
}

/** From base64 to hex. Of an object sent in parts the server has a hash of hashes, which ends in their number and tells nothing here. */
export function wholeSha256(stated: string | undefined): string | undefined {
  return stated === undefined || stated.includes("-") ? undefined : toHex(fromBase64(stated));
}
