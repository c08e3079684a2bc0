import * as v from "valibot";
import { allowed } from "./refusal.ts";
import { names, optional, required, section } from "./section.ts";
import { STORAGE_URLS } from "./storage_url.ts";
import {
  choice,
  duration,
  filePath,
  flag,
  GIB,
  integer,
  KIB,
  matching,
  MIB,
  MINUTE,
  number,
  rate,
  secret,
  size,
  text,
  TIME,
  timeOfDay,
} from "./values.ts";

// The keys that say where the store is and how it is used.

/** Slower, a large object would not arrive within the times that stores allow. */
const SLOWEST = 8 * KIB;

const rates = {
  upload: optional("bytes a second to the store, as in 10MiB/s, or unlimited", rate(SLOWEST)),
  download: optional("bytes a second from the store", rate(SLOWEST)),
};
const scheduled = section({
  from: required('time of the day, as in "08:00"', TIME, timeOfDay()),
  to: required("time of the day", TIME, timeOfDay()),
  ...rates,
});
const limits = section({
  ...rates,
  schedule: optional(
    "other rates from some hour to another; the first that holds counts",
    v.array(scheduled, allowed('a list of keys with values, each on a line of its own after "- "')),
    [],
  ),
});

const keyFile = filePath("the absolute path of a file");
const s3 = section({
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

const storageClass = matching(
  /^[A-Z0-9_]{1,64}$/,
  "the name of a storage class, as in STANDARD_IA or DEEP_ARCHIVE",
);
const storage_class = section({
  blobs: optional("of data", storageClass),
  pages: optional("of lists of files", storageClass),
  metadata: optional("of all else", storageClass),
});

const object_lock = section({
  mode: required("who may lift it", "governance or compliance", choice(["governance", "compliance"])),
  days: required(
    "how long it holds",
    "how many days no one may delete a backup",
    integer({ min: 1, max: 36_500 }),
  ),
});

const PRICE_NAME = "{key} is no storage class; allowed are names as STANDARD_IA, and default";
export const prices = names(
  v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/, PRICE_NAME)),
  number({ min: 0, max: 1_000_000 }),
);

/** The keys at the top of the file that are about the store. */
export const STORAGE = {
  storage_url: optional(`where the backups go: ${STORAGE_URLS}`, text(STORAGE_URLS)),
  s3: optional("how S3 is reached", s3),
  storage_class: optional("S3's storage class of each kind of object", storage_class),
  object_lock: optional("for how long no one may delete what is written", object_lock),
  limits: optional("how fast the store is written and read", limits),
  connections: optional(
    "calls that the store is asked at a time (16 for S3, 8 for rclone, 2 for a directory)",
    integer({ min: 1, max: 64 }),
  ),
};

/** What the file says of the store, checked, with its defaults. */
export type StoreSettings = v.InferOutput<v.StrictObjectSchema<typeof STORAGE, undefined>>;
