import { UsageError } from "../base/errors.ts";
import { incompletenessOf } from "../operations/incomplete.ts";
import { type AheadOptions, openAhead } from "../operations/restore/opened_ahead.ts";
import { chooseParts } from "../operations/restore/parts.ts";
import type { RestorePart } from "../operations/restore/restore.ts";
import { isRoot } from "../platform/owners.ts";
import { SealedAhead } from "../read/sealed_ahead.ts";
import type { Tools } from "../read/tools.ts";
import { readManifest } from "../read/snapshots.ts";
import type { Identity } from "../seal/age.ts";
import type { Traffic } from "../store/traffic.ts";
import { openLocally } from "./browser.ts";
import { localPath } from "./local_path.ts";
import { resolveWithKey } from "./looked_at.ts";
import type { Output } from "./output.ts";
import { ownersOf } from "./owner_map.ts";
import { choiceOf, type RestoreFlags } from "./restore_flags.ts";
import { type Session, threadCount } from "./session.ts";
import type { wantedOf } from "./wanted_paths.ts";

/** Cold storage takes minutes to days. */
const THAW_POLL_MS = 60_000;

interface RestoreTools {
  readonly tools: Session;
  readonly identities: readonly Identity[];
  readonly options: RestoreFlags;
  readonly output: Output;
}

/** What is to be restored of each snapshot that is meant; says what is incomplete. */
export async function findParts(
  { tools, identities, options, output }: RestoreTools,
  { snapshot, paths, include }: ReturnType<typeof wantedOf>,
  target: string,
): Promise<RestorePart[]> {
  const choice = choiceOf(options);
  const isLatest = snapshot === "latest";
  const reading: Tools = isLatest ? { ...tools, listings: new Map(), sealedAhead: new SealedAhead() } : tools;
  const resolving = resolveWithKey(reading, identities, snapshot, choice);
  const shared: AheadOptions = {
    target: localPath(target),
    include,
    exclude: options.exclude,
    as: options.as,
    ...ownersOf(options, isRoot()),
    identities,
    overwrite: options.overwrite,
    dryRun: options.dryRun,
    writers: threadCount(tools.config),
    memoryBytes: tools.config?.memoryBytes,
    thaw: options.retrieve && { speed: options.retrieve, days: options.retrieveDays, pollMs: THAW_POLL_MS },
  };
  await underWay(resolving, tools.traffic);
  const ahead = isLatest ? openAhead(tools, choice, { ...shared, paths }) : undefined;
  const resolved = await resolving;
  const chosen = await chooseParts(openLocally(identities), resolved, paths);
  if (chosen.length > 1 && options.as !== undefined && paths.length === 0) {
    throw new UsageError("Cannot restore several source sets as one path: --name says which of them");
  }
  const parts: RestorePart[] = [];
  for (const { resolved: { tools: host, id: snapshotId, manifest: known }, paths } of chosen) {
    const manifest = known ?? await readManifest(host, snapshotId);
    const incomplete = await incompletenessOf(host, manifest);
    if (incomplete !== undefined) output.text.warn(`warning: ${incomplete}`);
    const opened = await ahead?.ifOf(host, manifest);
    parts.push({ tools: host, options: { ...shared, snapshotId, manifest, paths }, opened });
  }
  return parts;
}

/**
 * Resolves when `work` has made a request, or has ended: what keeps the processor busy is best done while the store answers. An error is
 * for who awaits `work`.
 */
export async function underWay(work: Promise<unknown>, traffic: Traffic): Promise<void> {
  await Promise.race([work.catch(() => {}), traffic.next]);
  await new Promise((resolve) => setTimeout(resolve));
}
