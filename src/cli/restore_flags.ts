import { UsageError } from "../base/errors.ts";
import type { Speed } from "../model/storage_classes.ts";
import { type Overwrite, OVERWRITES } from "../operations/restore/overwrite.ts";
import type { Choice } from "../read/resolve.ts";
import { flag, repeatable } from "./command.ts";
import type { OutputOptions } from "./output.ts";
import type { StoreOptions } from "./session.ts";

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

export function choiceOf({ host, name, before }: WhatFlags): Choice {
  return { host, name, before };
}

function parseTime(text: string): Date {
  const time = new Date(text);
  if (Number.isFinite(time.getTime()) && /^\d{4}-/.test(text)) return time;
  throw new UsageError(
    `Cannot use --before ${JSON.stringify(text)}: allowed is a time as 2025-06-30T18:00:00Z`,
  );
}

export interface RestoreFlags extends OutputOptions, StoreOptions, WhatFlags {
  readonly identity?: readonly string[];
  readonly dryRun?: boolean;
  readonly verify?: boolean;
  readonly delete?: boolean;
  readonly inPlace?: boolean;
  readonly force?: boolean;
  readonly retrieve?: Speed;
  readonly retrieveDays: number;
  readonly command?: boolean;
}
