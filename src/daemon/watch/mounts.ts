import { atLeast } from "../../base/at_least.ts";
import { toLatin1 } from "../../base/bytes.ts";
import { parentOf, type Path } from "../../model/path.ts";

/** File systems that other machines (or programs) change without this kernel knowing. */
const REMOTE =
  /^(nfs\d?|cifs|smb\d?|smbfs|9p|virtiofs|ceph|afs|glusterfs|lustre|gpfs|gfs2|ocfs2|beegfs|vboxsf|vmhgfs|fuse(\..*)?)$/;

export interface Mount {
  readonly path: Path;
  /** Changes with every mount. */
  readonly id: string;
  readonly type: string;
  /** Of `struct statx`: major * 2^32 + minor. */
  readonly device: number;
}

export type Mounts = ReadonlyMap<Path, Mount>;

/** What is mounted now. */
export function readMounts(): Mounts {
  return parseMounts(toLatin1(Deno.readFileSync("/proc/self/mountinfo")));
}

/** The mounts in the bytes of `/proc/self/mountinfo`; of several at one path the last, which is the one that is seen. */
export function parseMounts(text: string): Mounts {
  const mounts = new Map<Path, Mount>();
  for (const line of text.split("\n")) {
    const [head, tail] = line.split(" - ");
    if (head === undefined || tail === undefined) continue;
    const [id, , device, , path] = atLeast(5, head.split(" "));
    const [major, minor] = atLeast(2, device.split(":").map(Number));
    const unescaped = path.replace(/\\([0-7]{3})/g, (_, code) => String.fromCharCode(parseInt(code, 8)));
    mounts.set(unescaped, {
      path: unescaped,
      id,
      type: tail.split(" ")[0]!,
      device: major * 2 ** 32 + minor,
    });
  }
  return mounts;
}

/** Paths at which something was mounted or unmounted between `before` and `after`. */
export function changedMounts(before: Mounts, after: Mounts): Path[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path)?.id !== after.get(path)?.id);
}

/** Type of the file system with number `device` where it is one whose changes are not all reported; otherwise `undefined`. */
export function remoteType(mounts: Mounts, device: number): string | undefined {
  for (const mount of mounts.values()) {
    if (mount.device === device) return REMOTE.test(mount.type) ? mount.type : undefined;
  }
  return undefined;
}

/** Where the file system that `path` is on is mounted. */
export function mountPointOf(mounts: Mounts, path: Path): Path {
  let point = path;
  while (point !== "/" && !mounts.has(point)) point = parentOf(point);
  return point;
}
