import * as v from "valibot";
import { needed } from "./refusal.ts";
import { optional, required, section } from "./section.ts";
import { absolutePath, DAY, duration, integer, list, MINUTE, size, text, YEAR } from "./values.ts";

const ARGUMENT = "a program and its arguments";
const COMMAND = `${ARGUMENT}, as in ["sqlite3", "-readonly"]`;

const verify = section({
  path: required("the file or directory that it looks at", "an absolute path", absolutePath()),
  command: required(
    "a program and its arguments; other codes than 0 are damage",
    COMMAND,
    v.pipe(list(text(ARGUMENT), ARGUMENT), v.minLength(1, needed(COMMAND))),
  ),
  timeout: optional("how long it may take", duration({ min: 1000, max: DAY }), "10m"),
});

/** What a drill looks at. */
export const DRILL = section({
  files: optional("how many files are drawn", integer({ min: 1, max: 10_000 }), 20),
  bytes: optional("and how much of them", size({ min: 1, max: 2 ** 40 }), "64MiB"),
  canaries: optional(
    "paths that every drill with an identity restores",
    list(absolutePath(), "an absolute path"),
    [],
  ),
  verify: optional(
    "commands that look at what was restored",
    list(verify, "keys with values, each on a line of its own"),
    [],
  ),
  interval: optional(
    "how often a drill is promised; the daemon makes it",
    duration({ min: MINUTE, max: YEAR }),
  ),
});
