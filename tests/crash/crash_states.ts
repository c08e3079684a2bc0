import { type Call, isChange } from "./recorder.ts";

/** What a crash leaves of a row of calls. */
export interface CrashState {
  readonly what: "kill" | "power loss";
  /** How many calls were made. */
  readonly made: number;
  /** Of them, those that are lost. */
  readonly lost: ReadonlySet<number>;
  /** The last call was made by half. */
  readonly half?: boolean;
}

const NAMES = new Set(["create", "rename", "link", "remove", "mkdir", "symlink", "node"]);
/** So many calls that may be lost or not are tried in all combinations. */
const ALL_SUBSETS_MAX = 4;
/** So many, each alone. */
const SINGLES_MAX = 12;

/** What there can be after the process was killed: what was done before each call that changes something, and half of a write. */
export function* kills(calls: readonly Call[]): Generator<CrashState> {
  for (let made = 0; made <= calls.length; made++) {
    const next = calls[made];
    if (next !== undefined && !isChange(next.kind)) continue;
    yield { what: "kill", made, lost: new Set() };
    if (next?.kind === "write") yield { what: "kill", made: made + 1, lost: new Set(), half: true };
  }
}

/** What there can be after the power was lost: any of what no `fsync` has brought to the disk may be gone, also in any other order. */
export function* powerLosses(calls: readonly Call[]): Generator<CrashState> {
  for (let made = 1; made <= calls.length; made++) {
    if (!isChange(calls[made - 1]!.kind)) continue;
    const pending = pendingOf(calls, made);
    for (const lost of subsets(pending)) yield { what: "power loss", made, lost: new Set(lost) };
    for (const lost of lostCommits(calls, made)) yield { what: "power loss", made, lost };
  }
}

/** Calls of the first `made` that are not on the disk for sure. Commits are apart: they are lost from the last one backwards. */
export function pendingOf(calls: readonly Call[], made: number): number[] {
  const synced = new Set<string>();
  const pending: number[] = [];
  for (let i = made - 1; i >= 0; i--) {
    const { kind, path } = calls[i]!;
    if (kind === "sync") synced.add(path.replace(/\/$/, ""));
    else if (isChange(kind) && kind !== "commit" && !isSafe(calls[i]!, synced)) pending.push(i);
  }
  return pending.reverse();
}

/** Whether a later `fsync` of what is in `synced` has brought it to the disk: of a name, that of its directory. */
function isSafe({ kind, path }: Call, synced: ReadonlySet<string>): boolean {
  return synced.has(WHOLE) || synced.has(NAMES.has(kind) ? path.slice(0, path.lastIndexOf("/")) : path);
}

/** The path of a `syncfs`. */
export const WHOLE = "(the whole file system)";

function* subsets(pending: readonly number[]): Generator<number[]> {
  const count = pending.length;
  if (count === 0) return;
  if (count <= ALL_SUBSETS_MAX) {
    for (let bits = 1; bits < 1 << count; bits++) yield pending.filter((_, i) => (bits >> i) & 1);
    return;
  }
  yield [...pending];
  yield pending.filter((_, i) => i % 2 === 0);
  yield pending.filter((_, i) => i % 2 === 1);
  if (count > SINGLES_MAX) return;
  for (const one of pending) {
    yield [one];
    yield pending.filter((other) => other !== one);
  }
}

/** SQLite brings commits to the disk when it moves them into its file, and loses the newest first. */
function* lostCommits(calls: readonly Call[], made: number): Generator<Set<number>> {
  if (calls[made - 1]!.kind !== "commit" || calls[made - 1]!.isCheckpoint) return;
  const since = calls.slice(0, made).findLastIndex(({ isCheckpoint }) => isCheckpoint === true) + 1;
  const commits = calls.flatMap(({ kind }, i) => kind === "commit" && i >= since && i < made ? [i] : []);
  const pending = pendingOf(calls, made);
  for (const count of new Set([1, commits.length])) {
    yield new Set([...commits.slice(-count)]);
    yield new Set([...commits.slice(-count), ...pending]);
  }
}

/** Does the calls again on the disk as it was before them, as far as the crash has left them. */
export function replay(calls: readonly Call[], { made, lost, half }: CrashState): void {
  const hidden: Call[] = [];
  for (let i = 0; i < made; i++) {
    const call = calls[i]!;
    if (!isChange(call.kind)) continue;
    const isLost = lost.has(i);
    // What is in a file or directory whose name is lost is done all the same: it may have got another name meanwhile.
    if (isLost && (call.kind === "create" || call.kind === "mkdir")) hidden.push(call);
    else if (isLost) continue;
    redo(call, half === true && i === made - 1);
  }
  for (const { path } of hidden) {
    try {
      Deno.removeSync(path, { recursive: true });
    } catch { /* It has another name, or its directory is gone. */ }
  }
}

/** Where something before it is lost, a call may have nothing to work on. */
function redo(call: Call, half: boolean): void {
  try {
    call.redo(half);
  } catch { /* Then it is lost as well. */ }
}
