import * as v from "valibot";
import { isWithin } from "../model/path.ts";
import type { PathAlias } from "../model/path_alias.ts";
import { allowed, type Refuse } from "./refusal.ts";
import { required, section } from "./section.ts";
import { absolutePath } from "./values.ts";

export const PATH = "an absolute path";
const PATH_AS = "an absolute path, or {path: /mnt/snap/data, as: /data}";

/** What is backed up, as what is at its path or as another one. */
export const path = v.union([
  absolutePath(PATH),
  section({
    path: required("where it is", PATH, absolutePath(PATH)),
    as: required(
      "where a snapshot has it",
      PATH,
      v.pipe(absolutePath(PATH), v.check((path) => path !== "/", allowed("an absolute path below /"))),
    ),
  }),
], allowed(PATH_AS));

type Given = v.InferOutput<typeof path>;

/** The paths of the source set at `key`; those that are stored under another path are within no other one. */
export function pathsOf(
  key: string,
  given: readonly Given[],
  refuse: Refuse,
): { readonly paths: readonly string[]; readonly aliases: readonly PathAlias[] } {
  const aliases = given.flatMap((item) =>
    typeof item === "string" ? [] : [{ real: item.path, stored: item.as }]
  );
  const plain = given.filter((item) => typeof item === "string");
  const paths = [...new Set(plain), ...aliases.map(({ stored }) => stored)];
  for (const { stored } of aliases) {
    const others = paths.filter((path) => isWithin(path, stored) || isWithin(stored, path));
    if (others.length === 1) continue;
    throw refuse(
      `${key}.paths has ${stored} twice, or within another path; what "as" says must be a place of its own`,
    );
  }
  return { paths, aliases };
}
