import { CorruptionError, InterruptedError, NotFoundError } from "../base/errors.ts";
import type { Manifest } from "../model/manifest.ts";
import { snapshotName } from "../model/names.ts";
import { HeaderOpener } from "../seal/age.ts";
import { EntrySource } from "./entry_source.ts";
import { interruptible } from "./interruptible.ts";
import type { Tools, VerifySummary } from "./options.ts";
import { PageWalk } from "./restore/restore.ts";
import { Selection } from "./restore/selection.ts";
import { readManifest, readSnapshot } from "./snapshots.ts";
import { storedSizes, StoreSource, Writers } from "./restore/writers.ts";

export interface VerifyOptions {
  readonly snapshotId: string;
  /** Open and hash everything; needs an identity. */
  readonly deep: boolean;
  readonly identities: readonly string[];
  readonly readers: number;
}

/** Checks that a snapshot is whole: that all it needs is there with the right size, or (deep) that all its bytes are right. */
export async function verifySnapshot(tools: Tools, options: VerifyOptions): Promise<VerifySummary> {
  const manifest = await readManifest(tools, options.snapshotId);
  const sizes = storedSizes(manifest);
  sizes.set(snapshotName(manifest.id), manifest.snapshot.size);
  const problems = await findMissing(tools, sizes);
  if (options.deep) problems.push(...await findDamage(tools, options, manifest));
  return {
    id: manifest.id,
    deep: options.deep,
    objects: sizes.size,
    bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    problems,
  };
}

/** One listing a kind, against what the manifest names. */
async function findMissing({ store, signal }: Tools, sizes: ReadonlyMap<string, number>): Promise<string[]> {
  const missing = new Map(sizes);
  const problems: string[] = [];
  for (const prefix of ["blobs/", "pages/", "metadata/"]) {
    for await (const { name, size } of store.list(prefix, { signal })) {
      const wanted = missing.get(name);
      if (wanted === undefined) continue;
      missing.delete(name);
      if (size !== wanted) problems.push(`"${name}" has ${size} bytes instead of ${wanted}`);
    }
  }
  for (const name of missing.keys()) problems.push(`"${name}" is missing`);
  return problems;
}

/** Reads every page and every chunk of the snapshot. */
async function findDamage(tools: Tools, options: VerifyOptions, manifest: Manifest): Promise<string[]> {
  const opener = new HeaderOpener(options.identities);
  const sizes = storedSizes(manifest);
  const source = new StoreSource(tools, opener, sizes);
  try {
    const snapshot = await readSnapshot(tools, manifest, opener);
    const entries = new EntrySource(snapshot.pages, source);
    const writers = await Writers.start(options.readers, tools, source, { paths: [], sizes });
    try {
      const selection = new Selection([]);
      const walk = new PageWalk({ tools, writers, entries, source, selection, snapshot, isCheck: true });
      const { damaged } = await interruptible(tools.signal, walk.run());
      return damaged.map(({ path, reason }) => `"${path}": ${reason}`);
    } finally {
      writers.end(new InterruptedError());
    }
  } catch (error) {
    if (error instanceof CorruptionError || error instanceof NotFoundError) return [error.message];
    throw error;
  }
}
