import { BLOB_TARGETS } from "./blobs.ts";
import { FORMAT_TARGETS } from "./formats.ts";
import type { Target } from "./target.ts";

/** All that reads what others have written. */
export const TARGETS: readonly Target[] = [...FORMAT_TARGETS, ...BLOB_TARGETS];
