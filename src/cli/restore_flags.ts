import { UsageError } from "../base/errors.ts";
import { normalizePath } from "../model/path.ts";
import type { OwnerMap, OwnerOptions } from "../operations/restore/owners.ts";
import { type Overwrite, OVERWRITES } from "../operations/restore/overwrite.ts";
import type { Choice } from "../read/resolve.ts";
import { flag, repeatable } from "./command.ts";

/** What to restore, where to, and as whose. */
export interface WhatFlags {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly as?: string;
  readonly overwrite?: Overwrite;
  readonly owner: boolean;
  readonly ownerMap?: readonly string[];
  readonly special?: boolean;
  readonly host?: string;
  readonly name?: string;
  readonly before?: Date;
}

export const WHAT_OPTIONS = () => [
  repeatable(
    "--include <pattern>",
    "of that, only what matches, as in exclude of the configuration; several times for several",
  ),
  repeatable("--exclude <pattern>", "but not what matches"),
  flag(
    "--as <path>",
    "the one path that is named comes back as this path below the target; / is the target itself",
  ),
  flag(
    "--overwrite <which>",
    "restore into a directory that is not empty, and replace what is there always, if-changed, if-newer or never",
  ).choices(OVERWRITES),
  flag("--no-owner", "all belongs to the user who restores"),
  repeatable(
    "--owner-map <map>",
    "user:FROM=TO or group:FROM=TO, numbers: another owner for one of the snapshot",
  ),
  flag(
    "--no-special",
    "no devices, and no programs that run as their owner; so it is for all users but root",
  ),
  flag("--name <name>", "only snapshots of this source set"),
  flag("--before <time>", "latest is the newest from before, as 2025-06-30 or 2025-06-30T18:00:00Z")
    .argParser(parseTime),
];

/** Whose the restored entries are. */
export function ownersOf({ owner, ownerMap, special }: WhatFlags, isRoot: boolean): OwnerOptions {
  return {
    noOwner: owner === false,
    ownerMap: ownerMap === undefined ? undefined : parseOwnerMap(ownerMap),
    noSpecial: special === false || !isRoot,
  };
}

export function choiceOf({ host, name, before }: WhatFlags): Choice {
  return { host, name, before };
}

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

function parseTime(text: string): Date {
  const time = new Date(text);
  if (Number.isFinite(time.getTime()) && /^\d{4}-/.test(text)) return time;
  throw new UsageError(
    `Cannot use --before ${JSON.stringify(text)}: allowed is a time as 2025-06-30T18:00:00Z`,
  );
}

const OWNER = /^(user|group):(\d{1,10})=(\d{1,10})$/;
const ID_MAX = 2 ** 32 - 1;

function parseOwnerMap(texts: readonly string[]): OwnerMap {
  const users = new Map<number, number>();
  const groups = new Map<number, number>();
  for (const text of texts) {
    const [, kind, from, to] = OWNER.exec(text) ?? [];
    if (kind === undefined || Number(from) > ID_MAX || Number(to) > ID_MAX) {
      throw new UsageError(
        `Cannot use --owner-map ${
          JSON.stringify(text)
        }: allowed is user:FROM=TO or group:FROM=TO, with numbers`,
      );
    }
    (kind === "user" ? users : groups).set(Number(from), Number(to));
  }
  return { users, groups };
}
