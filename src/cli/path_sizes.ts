import { formatCount, formatSize } from "../base/units.ts";

/** What is usually worth a backup, where it is there. */
const USUAL_PATHS = ["/etc", "/home", "/root", "/srv", "/opt", "/var/lib", "/var/www", "/Users"];

export interface PathSize {
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
  /** There is more: the time was over. */
  readonly isCut: boolean;
}

/** The usual paths that are there and have something in them, each counted for `ms` at most. */
export async function usualPaths(nowMs: () => number, ms: number): Promise<PathSize[]> {
  const sizes: PathSize[] = [];
  for (const path of USUAL_PATHS) {
    const end = nowMs() + ms;
    sizes.push(await sizeOf(path, () => nowMs() > end));
  }
  return sizes.filter(({ files, isCut }) => files > 0 || isCut);
}

/** Regular files below `path`, on its file system alone; what cannot be read counts for nothing. */
export async function sizeOf(path: string, isOver: () => boolean): Promise<PathSize> {
  const waiting = [path];
  const size = { path, files: 0, bytes: 0, isCut: false };
  const device = await deviceOf(path);
  if (device === undefined) return size;
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    if (isOver()) return { ...size, isCut: true };
    try {
      for await (const { name, isDirectory, isFile } of Deno.readDir(directory)) {
        const inner = `${directory}/${name}`;
        if (isDirectory && await deviceOf(inner) === device) waiting.push(inner);
        if (!isFile) continue;
        size.files++;
        size.bytes += (await Deno.lstat(inner)).size;
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) {
        throw error;
      }
    }
  }
  return size;
}

async function deviceOf(path: string): Promise<number | undefined> {
  try {
    return (await Deno.lstat(path)).dev;
  } catch {
    return undefined;
  }
}

export function sizeText({ files, bytes, isCut }: PathSize): string {
  return `${isCut ? "more than " : ""}${formatCount(files)} files, ${formatSize(bytes)}`;
}
