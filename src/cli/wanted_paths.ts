import { UsageError } from "../base/errors.ts";
import { normalizePath } from "../model/path.ts";

/** Paths and patterns of the words after the target, and of `ID:PATH`. */
export interface Wanted {
  readonly snapshot: string;
  readonly paths: readonly string[];
  readonly include: readonly string[] | undefined;
}

const SPECIAL = /[*?[\]]/;

/** `ID:PATH` is that path; other words are paths where they are absolute and have nothing special in them, else patterns. */
export function wantedOf(id: string, words: readonly string[], include: readonly string[] = []): Wanted {
  const slash = id.indexOf(":/");
  // The colon of a time is none before a path.
  const colon = slash >= 0 || /\d:\d\d/.test(id) ? slash : id.indexOf(":");
  const snapshot = colon < 0 ? id : id.slice(0, colon);
  const isPath = (word: string) => word.startsWith("/") && !SPECIAL.test(word);
  const paths = words.filter(isPath);
  if (colon >= 0) paths.push(checkPath(id.slice(colon + 1)));
  const patterns = words.filter((word) => !isPath(word));
  for (const pattern of patterns) {
    if (!SPECIAL.test(pattern)) checkPath(pattern);
  }
  const all = [...include, ...patterns];
  return { snapshot, paths: paths.map(normalizePath), include: all.length === 0 ? undefined : all };
}

function checkPath(path: string): string {
  if (path.startsWith("/")) return path;
  throw new UsageError(
    `Cannot restore ${
      JSON.stringify(path)
    }: paths of a snapshot are absolute, as in /etc/hosts; patterns have a *`,
  );
}
