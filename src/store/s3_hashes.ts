import { sha256Hex } from "../base/digest.ts";
import { CorruptionError } from "../base/errors.ts";
import type { Sdk } from "./s3_client.ts";

type BodyCommand = InstanceType<Sdk["PutObjectCommand"]> | InstanceType<Sdk["UploadPartCommand"]>;

/** The signature covers this hash, so the store checks the bytes against it, and the SDK need not hash them again. */
export function signHash(
  command: BodyCommand,
  sha256: string,
  checksum: readonly [string, string] | undefined,
): void {
  const { middlewareStack } = command as InstanceType<Sdk["PutObjectCommand"]>;
  middlewareStack.add(
    (next) => async (args) => {
      const { headers } = args.request as { headers: Record<string, string> };
      headers["x-amz-content-sha256"] = sha256;
      if (checksum !== undefined) headers[checksum[0]] = checksum[1];
      return await next(args);
    },
    { step: "build", name: "signHash" },
  );
}

/** Throws `CorruptionError` where `bytes` are not those of the hash. */
export function checkHash(thing: string, bytes: Uint8Array, sha256: string): void {
  if (sha256Hex(bytes) === sha256) return;
  throw new CorruptionError(`Cannot write "${thing}": the bytes do not have the SHA-256 ${sha256}`);
}
