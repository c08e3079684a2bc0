import * as v from "valibot";
import { optional, section } from "./section.ts";
import { choice, duration, filePath, flag, GIB, MIB, MINUTE, secret, size, text } from "./values.ts";

const keyFile = filePath("the absolute path of a file");

export const s3 = section({
  endpoint: optional("the server, unless it is AWS", text("https://HOST:PORT")),
  bucket: optional("the bucket", text("the name of a bucket")),
  prefix: optional("what its names begin with", text()),
  access_key_id: optional("a key; without one AWS's usual environment, profiles, SSO and roles", text()),
  access_key_id_file: optional("the file that holds it, instead", keyFile),
  secret_access_key: optional("the other half of the key", secret()),
  secret_access_key_file: optional("the file that holds it, instead", keyFile),
  region: optional("of the bucket", text()),
  use_ssl: optional("whether an endpoint without a scheme is https", flag()),
  part_size: optional("of large uploads", size({ min: 5 * MIB, max: 5 * GIB }), "64MiB"),
  path_style: optional("endpoint/bucket/key instead of bucket.endpoint/key", flag()),
  dual_stack: optional("AWS's endpoints with IPv6", flag(), false),
  ca_file: optional(
    "PEM file of authorities to trust beside the machine's own",
    text("the path of a PEM file"),
  ),
  idle_timeout: optional(
    "a call has failed in which no byte moves for so long",
    duration({ min: 1000, max: 60 * MINUTE }),
    "1m",
  ),
  server_side_encryption: optional("with every object", choice(["AES256", "aws:kms", "aws:kms:dsse"])),
  kms_key_id: optional("for aws:kms", text()),
});

/** What the section says that is not there. */
export const NO_S3 = v.parse(s3, {});
export type S3Settings = v.InferOutput<typeof s3>;
