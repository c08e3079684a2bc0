import type { PageIndex } from "../../index/pages.ts";
import type { PageSummary } from "../../index/known_page.ts";
import type { RootState } from "../../model/guard.ts";
import type { Path } from "../../model/path.ts";
import type { Event } from "../../report/events.ts";
import type { Findings } from "./findings.ts";
import { type Asked, whyEmpty } from "./found_roots.ts";
import { isEmptyDirectory, rootStates, streamStates } from "./root_states.ts";

/** What a backup looks at its paths by. */
export interface RootsSeen {
  readonly index: PageIndex;
  readonly asked: readonly Asked[];
  /** Paths of the files whose contents are streams. */
  readonly streams: readonly Path[];
  readonly findings: Pick<Findings, "unreadableFiles">;
  /** What the paths held in the last backup that was not suspicious. */
  readonly good: readonly RootState[] | undefined;
}

/** What the pages hold of each path. One that could not be looked at is what it was: that it is unreadable is said. */
export function statesOfRoots(seen: RootsSeen, sequence: readonly PageSummary[]): RootState[] {
  const streams = seen.streams.map((path): Asked => ({ asked: path, path, links: [] }));
  const isThere = (root: Asked) => !isLost(seen, root);
  const lost = [...seen.asked, ...streams].filter((root) => isLost(seen, root));
  const before = seen.good?.filter(({ path }) => lost.some(({ asked }) => asked === path)) ?? [];
  return [
    ...rootStates(seen.index, sequence, seen.asked.filter(isThere)),
    ...streamStates(seen.index, sequence, streams.filter(isThere)),
    ...before,
  ];
}

/** Warns of paths without files, but for those that held some before: then the snapshot is suspicious, which is said at its end. */
export function warnOfEmpty(
  seen: RootsSeen,
  sequence: readonly PageSummary[],
  found: readonly RootState[],
  report: (event: Event) => void,
): void {
  for (const root of seen.asked) {
    if (isLost(seen, root) || filesOf(found, root) > 0 || filesOf(seen.good, root) > 0) continue;
    if (!isEmptyDirectory(seen.index, sequence, root.path)) continue;
    report({ kind: "warning", text: whyEmpty(root) });
  }
}

function filesOf(states: readonly RootState[] | undefined, { asked }: Asked): number {
  return states?.find(({ path }) => path === asked)?.files ?? 0;
}

function isLost({ findings: { unreadableFiles } }: RootsSeen, { asked, path }: Asked): boolean {
  return unreadableFiles.has(asked) || unreadableFiles.has(path);
}
