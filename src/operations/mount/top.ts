import { pathOf } from "../../model/path.ts";

/** What the top of a mount needs to know of a snapshot. */
export interface ShownSnapshot {
  readonly id: string;
  /** The host that made it. */
  readonly hostId: string;
  /** What it is called, where that is known. */
  readonly hostname?: string;
  /** Source set, where its name is known. */
  readonly set?: string;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
}

/** A directory above the snapshots. Names are bytes as a path's. */
export type TopDirectory = ReadonlyMap<string, TopEntry>;

export type TopEntry =
  | { readonly kind: "directory"; readonly entries: TopDirectory }
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "snapshot"; readonly snapshot: ShownSnapshot };

type Directory = Map<string, TopEntry>;

const HOSTS = "hosts";
const LATEST = "latest";
const UNNAMED_SET = "unnamed";

/** The directories above the snapshots: `hosts/NAME/SET/TIME`, and `latest` beside the times. */
export function topDirectory(snapshots: readonly ShownSnapshot[]): TopDirectory {
  const hosts: Directory = new Map();
  for (const [host, ofHost] of Map.groupBy(snapshots, hostNames(snapshots))) {
    const sets: Directory = new Map();
    for (const [set, ofSet] of Map.groupBy(ofHost, (snapshot) => nameOf(snapshot.set ?? UNNAMED_SET))) {
      sets.set(set, { kind: "directory", entries: timesOf(ofSet) });
    }
    hosts.set(host, { kind: "directory", entries: sorted(sets) });
  }
  return new Map([[HOSTS, { kind: "directory", entries: sorted(hosts) }]]);
}

/** Two hosts that call themselves the same are distinguished by their ids. */
function hostNames(snapshots: readonly ShownSnapshot[]): (snapshot: ShownSnapshot) => string {
  const ids = new Map<string, Set<string>>();
  for (const { hostname = "", hostId } of snapshots) {
    ids.set(hostname, (ids.get(hostname) ?? new Set()).add(hostId));
  }
  return ({ hostname, hostId }) => {
    if (hostname === undefined) return nameOf(hostId);
    return nameOf(ids.get(hostname)!.size > 1 ? `${hostname}-${hostId}` : hostname);
  };
}

function timesOf(snapshots: readonly ShownSnapshot[]): TopDirectory {
  const times: Directory = new Map();
  const inOrder = snapshots.toSorted((a, b) => orderOf(a) < orderOf(b) ? -1 : 1);
  let newest = "";
  for (const snapshot of inOrder) {
    const time = nameOf(snapshot.startedAt.replace(/\.\d+Z$/, "Z").replaceAll(":", "-"));
    newest = times.has(time) ? `${time}-${snapshot.id.split("-")[1]}` : time;
    times.set(newest, { kind: "snapshot", snapshot });
  }
  times.set(LATEST, { kind: "link", target: newest });
  return times;
}

function orderOf({ startedAt, id }: ShownSnapshot): string {
  return `${startedAt} ${id}`;
}

function sorted(directory: Directory): TopDirectory {
  return new Map([...directory].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const NAME_BYTES_MAX = 200;

/** `text`, which a stranger may have written, as the name of a file. */
function nameOf(text: string): string {
  // deno-lint-ignore no-control-regex
  const name = pathOf(text.replace(/[\x00-\x1f\x7f/]/g, "_")).slice(0, NAME_BYTES_MAX);
  return name === "" || name === "." || name === ".." ? `_${name}` : name;
}
