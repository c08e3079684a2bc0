import { joinPath, parentOf, type Path } from "../model/path.ts";
import { ELOOP } from "../platform/libc.ts";
import { SystemError } from "../platform/read.ts";

/** A link at `path`, of which `uid` is the owner, that points to `target`. */
export interface Link {
  readonly target: string;
  readonly uid: number;
}

/** Where a configured path leads. */
export interface Place {
  /** The links on the way, and where the last of them leads; without links the path itself. */
  readonly links: readonly Path[];
  readonly path: Path;
}

/** As many as the kernel follows. */
const LINKS_MAX = 40;

/** A link on the way to a root that is not to be followed. */
export class ForeignLinkError extends Error {
  constructor(readonly path: Path) {
    super("a link of another user is on the way to it, which is not followed");
  }
}

/**
 * Follows the links on the way to `path` and at its end; `linkAt` tells what link is at a path, if one is. Throws `SystemError` where links
 * lead round in circles, and `ForeignLinkError` for a link of another user than root and `uid`, which might lead anywhere at any time.
 */
export function resolveRoot(path: Path, uid: number, linkAt: (path: Path) => Link | undefined): Place {
  const links: Path[] = [];
  const names = path.split("/");
  let at: Path = "/";
  while (names.length > 0) {
    const name = names.shift()!;
    if (name === "" || name === ".") continue;
    const next = name === ".." ? parentOf(at) : joinPath(at, name);
    const link = name === ".." ? undefined : linkAt(next);
    if (link === undefined) at = next;
    else {
      if (link.uid !== 0 && link.uid !== uid) throw new ForeignLinkError(next);
      if (links.push(next) > LINKS_MAX) throw new SystemError(ELOOP);
      names.unshift(...link.target.split("/"));
      if (link.target.startsWith("/")) at = "/";
    }
  }
  return { links, path: at };
}
