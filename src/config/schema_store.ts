import * as v from "valibot";
import { limits } from "./schema_limits.ts";
import { s3 } from "./schema_s3.ts";
import { names, optional, required, section } from "./section.ts";
import { STORAGE_URLS } from "./storage_url.ts";
import { choice, integer, matching, number, text } from "./values.ts";

// The keys that say where the store is and how it is used.

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
