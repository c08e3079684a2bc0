import { EnvironmentError, NotFoundError } from "../../base/errors.ts";
import { displayPath, type Path, typedPath } from "../../model/path.ts";
import type { PathAlias } from "../../model/path_alias.ts";
import { linkAt, openDirectoryAt } from "../../platform/no_links.ts";
import { effectiveUser } from "../../platform/owners.ts";
import { closeFile, readNames, SystemError } from "../../platform/read.ts";
import type { Event } from "../../report/events.ts";
import { ForeignLinkError, resolveRoot } from "../../scan/resolve_root.ts";
import type { Findings } from "./findings.ts";

/** A path that is to be backed up. */
export interface Asked {
  readonly asked: Path;
  /** Where it leads. */
  readonly path: Path;
  readonly links: readonly Path[];
  /** Where that is, if it is backed up under another path. */
  readonly real?: Path;
}

/** The paths that a backup is asked for, with all links on the way to them followed; the links are backed up as links. */
export class FoundRoots {
  readonly asked: readonly Asked[];

  /** `aliases`: those of `paths` that are somewhere else, as they are typed. Links on the way there are followed, and no part of the backup. */
  constructor(
    paths: readonly string[],
    onRefused: (path: Path, reason: string) => void,
    aliases: readonly PathAlias[] = [],
  ) {
    this.asked = paths.map((path): Asked => {
      const asked = typedPath(path);
      const alias = aliases.find(({ stored }) => stored === path);
      try {
        if (alias !== undefined) {
          const { path: real } = resolveRoot(typedPath(alias.real), effectiveUser(), linkAt);
          return { asked, path: asked, links: [], real };
        }
        return { asked, ...resolveRoot(asked, effectiveUser(), linkAt) };
      } catch (error) {
        if (!(error instanceof SystemError || error instanceof ForeignLinkError)) throw error;
        onRefused(asked, error.message);
        return { asked, path: asked, links: [] };
      }
    });
  }

  /** Of the walk: also the links. */
  get roots(): Path[] {
    return this.asked.flatMap(({ path, links }) => [path, ...links]);
  }

  get aliases(): PathAlias[] {
    return this.asked.flatMap(({ path, real }) => real === undefined ? [] : [{ stored: path, real }]);
  }

  /** Says where links lead. */
  tell(report: (event: Event) => void): void {
    for (const { asked, path, links } of this.asked) {
      if (links.length === 0) continue;
      const text = `"${displayPath(asked)}" leads to "${
        displayPath(path)
      }", which is backed up as well as the link`;
      report({ kind: "note", text });
    }
  }

  /** Throws `NotFoundError` where none of them, and of `streams`, can be read; `EnvironmentError` where there are streams only. */
  check(name: string, { unreadableFiles }: Findings, streams: readonly Path[]): void {
    const all = [...this.asked, ...streams.map((path) => ({ asked: path, path }))];
    const reasons = all.map(({ asked, path }) => {
      const reason = unreadableFiles.get(path) ?? unreadableFiles.get(asked);
      return reason && `"${displayPath(asked)}": ${reason}`;
    });
    if (!reasons.every((reason) => reason !== undefined)) return;
    if (this.asked.length === 0) throw new EnvironmentError(`Cannot back up ${name}: ${reasons.join("; ")}`);
    throw new NotFoundError(`Cannot back up ${name}: none of its paths can be read (${reasons.join("; ")})`);
  }
}

/** Why nothing below `root`, a directory, is backed up. */
export function whyEmpty({ path, real }: Asked): string {
  const shown = displayPath(path);
  return hasNames(real ?? path)
    ? `nothing in "${shown}" is backed up: all of it is excluded`
    : `"${shown}" is empty: is what belongs there mounted?`;
}

function hasNames(directory: Path): boolean {
  try {
    const fd = openDirectoryAt(directory);
    try {
      return readNames(fd).length > 0;
    } finally {
      closeFile(fd);
    }
  } catch (error) {
    if (error instanceof SystemError) return false;
    throw error;
  }
}
