import { ANSWER_TARGETS } from "./answers.ts";
import { BLOB_TARGETS } from "./blobs.ts";
import { FORMAT_TARGETS } from "./formats.ts";
import { REQUEST_TARGETS } from "./requests.ts";
import type { Target } from "./target.ts";
import { WORD_TARGETS } from "./words.ts";

/** All that reads what others have written. */
export const TARGETS: readonly Target[] = [
  ...FORMAT_TARGETS,
  ...BLOB_TARGETS,
  ...WORD_TARGETS,
  ...REQUEST_TARGETS,
  ...ANSWER_TARGETS,
];
