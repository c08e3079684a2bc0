import * as v from "valibot";
import { isWithin } from "../model/path.ts";
import { allowed, needed, type Refuse } from "./refusal.ts";
import { names, optional, required, section } from "./section.ts";
import { absolutePath, DAY, duration, filePath, list } from "./values.ts";

/** A file of the snapshot that is what programs print. */
export interface CommandConfig {
  /** Absolute and in normal form: where the file is in the snapshot. */
  readonly path: string;
  /** Programs with their arguments, of which each reads what the one before prints; at least one. */
  readonly stages: readonly (readonly string[])[];
  /** Beside the environment of the backup. */
  readonly env: Readonly<Record<string, string>>;
  /** Variables whose values are in files, which are read when the programs start. */
  readonly envFiles: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export const COMMAND = "a path and a command";
const PROGRAM =
  "a program with its arguments, as in [pg_dump, app], or a list of such lists for a pipeline; " +
  'for a shell write [sh, -c, "…"]';
const TEXT = `${allowed("text")}{quotes}`;
const PLACE = "where the file is in the snapshot, an absolute path";
const VARIABLES = "{key} is no name of a variable; allowed are letters, digits and _";

const program = v.pipe(
  v.array(v.string(TEXT), allowed(PROGRAM)),
  v.check(([program]) => program !== undefined && program !== "", allowed(PROGRAM)),
  v.check((words) => !words.some((word) => word.includes("\0")), allowed("words without NUL")),
);
const pipeline = v.pipe(list(program, PROGRAM), v.minLength(1, needed(PROGRAM)));
const variable = v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, VARIABLES));

/** How programs are run. */
export const RUN = {
  env: optional("variables for the programs", names(variable, v.string(TEXT)), {}),
  env_files: optional(
    "variables whose values are in files, read when the programs start",
    names(variable, filePath("an absolute path of a file")),
    {},
  ),
  timeout: optional("after this the programs are killed", duration({ min: 1000, max: 7 * DAY }), "1d"),
};

export const command = section({
  path: required(
    "where the file is in the snapshot",
    PLACE,
    v.pipe(absolutePath(), v.check((path) => path !== "/", allowed("an absolute path"))),
  ),
  command: required(
    "a program with its arguments, or a list of such lists for a pipeline",
    PROGRAM,
    v.union([program, pipeline], allowed(PROGRAM)),
  ),
  ...RUN,
});

export function commandConfig(given: v.InferOutput<typeof command>): CommandConfig {
  const { path, command, env, env_files: envFiles, timeout: timeoutMs } = given;
  return { path, stages: isProgram(command) ? [command] : command, env, envFiles, timeoutMs };
}

function isProgram(command: string[] | string[][]): command is string[] {
  return typeof command[0] === "string";
}

/** Refuses files of commands and databases that are in each other's way, or in that of one of the `roots` of the source set at `key`. */
export function checkPlaces(
  key: string,
  files: readonly string[],
  roots: readonly string[],
  refuse: Refuse,
): void {
  files.forEach((path, i) => {
    const other = files.slice(0, i).find((other) => isWithin(other, path) || isWithin(path, other));
    if (other !== undefined) throw refuse(`${key}: ${path} and ${other} cannot both be files of commands`);
    const root = roots.find((root) => isWithin(root, path));
    if (root === undefined) return;
    const state = root === path ? "is" : "is above";
    throw refuse(
      `${key}: ${path}, the file of a command, ${state} one of paths; allowed is a place of its own`,
    );
  });
}
