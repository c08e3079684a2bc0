import type { Path } from "../../src/model/path.ts";
import { compileExcludes } from "../../src/scan/exclude.ts";
import type { WalkOptions } from "../../src/scan/visited.ts";
import { walk } from "../../src/scan/walk.ts";

/** Runs `work` with a directory of its own, which is removed afterwards. */
export async function inDirectory(work: (directory: string) => void | Promise<void>): Promise<void> {
  const directory = await Deno.realPath(await Deno.makeTempDir({ prefix: "vaultik-scan-" }));
  try {
    await work(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Makes files (with their path as contents) and, where a path ends in `/`, directories. */
export function make(directory: string, ...paths: string[]): void {
  for (const path of paths) {
    const full = `${directory}/${path}`;
    Deno.mkdirSync(full.slice(0, full.lastIndexOf("/")), { recursive: true });
    if (!path.endsWith("/")) Deno.writeTextFileSync(full, path);
  }
}

export type Settings = Partial<WalkOptions> & { readonly exclude?: readonly string[] };

export interface Walked {
  readonly path: Path;
  readonly name: string;
  readonly parentLength: number;
  readonly hash: number;
  readonly size: number;
}

/** A copy of every step of a walk, and what was reported as unreadable. */
export function walkAll(roots: readonly Path[], settings: Settings = {}) {
  const unreadable: string[] = [];
  const skipped: string[] = [];
  const steps: Walked[] = [];
  const { exclude = [], ...options } = settings;
  const visits = walk(roots, {
    isExcluded: compileExcludes(exclude),
    oneFileSystem: false,
    excludeCaches: false,
    onUnreadable: (path, reason) => unreadable.push(`${path}: ${reason}`),
    onSkipped: (path, reason) => skipped.push(`${path}: ${reason}`),
    ...options,
  });
  for (const { path, name, parentLength, hash, stat } of visits) {
    steps.push({ path, name, parentLength, hash, size: stat.size });
  }
  return { steps, unreadable, skipped };
}

/** Paths below `directory` that a walk of it visits, without the leading `directory/`. */
export function namesBelow(directory: string, settings: Settings = {}): string[] {
  const { steps } = walkAll([directory], settings);
  return steps.map(({ path }) => path).filter((path) => path.startsWith(directory + "/"))
    .map((path) => path.slice(directory.length + 1));
}
