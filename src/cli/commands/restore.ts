import { resolve } from "node:path/posix";
import {
  ArchivedError,
  CorruptionError,
  EXIT_INCOMPLETE,
  exitCodeOf,
  UsageError,
} from "../../base/errors.ts";
import { formatCount, formatDuration, formatSize } from "../../base/units.ts";
import { normalizePath } from "../../model/path.ts";
import { type Speed, SPEEDS } from "../../model/retrieval.ts";
import type { RestoreOptions, RestoreSummary } from "../../operations/options.ts";
import { type Overwrite, OVERWRITES } from "../../operations/restore/overwrite.ts";
import { planRestore } from "../../operations/restore/plan.ts";
import { restore as restoreSnapshot } from "../../operations/restore/restore.ts";
import { resolveSnapshot } from "../../operations/snapshots.ts";
import { type CommandSpec, flag } from "../command.ts";
import { findIdentities, IDENTITY_OPTION } from "../identities.ts";
import { Output, OUTPUT_OPTIONS, type OutputOptions } from "../output.ts";
import { planText } from "../restore_plan_text.ts";
import { openSession, STORE_OPTIONS, type StoreOptions, threadCount } from "../session.ts";

interface RestoreFlags extends OutputOptions, StoreOptions {
  readonly identity?: string;
  readonly dryRun?: boolean;
  readonly overwrite?: Overwrite;
  readonly retrieve?: Speed;
  readonly retrieveDays: number;
}

/** Cold storage takes minutes to days. */
const THAW_POLL_MS = 60_000;

export const restore: CommandSpec<RestoreFlags> = {
  usage: "restore <id> <target> [path...]",
  summary: "Restore a snapshot, or the named paths of it, below a directory",
  details:
    "<id> is the id of a snapshot, the unique beginning of one, or latest. Each path comes back below <target> by its full " +
    "name: /etc/hosts as <target>/etc/hosts. On a fresh machine --storage-url and the identity are enough.",
  options: [
    IDENTITY_OPTION(),
    flag(
      "--dry-run",
      "restore nothing; say what would be, what it would fetch, and what cold storage would cost",
    ),
    flag(
      "--overwrite <which>",
      "restore into a directory that is not empty, and replace what is there always, if-changed, if-newer or never",
    ).choices(OVERWRITES),
    flag(
      "--retrieve <speed>",
      "ask back what is in cold storage, wait for it, go on: bulk, standard or expedited",
    )
      .choices(SPEEDS),
    flag("--retrieve-days <n>", "for how many days it can then be read").argParser(checkDays).default(7),
    ...STORE_OPTIONS(),
    ...OUTPUT_OPTIONS(),
  ],
  exits: [3, 4, 5, 6],
  example: "vaultik restore latest /mnt/restored /etc --identity key.txt --storage-url s3://backup/web1",

  async run({ args: [id, target, paths], options, io }) {
    using output = new Output(io, options);
    const wanted = paths.map(checkPath);
    const identities = await findIdentities(options.identity, io);
    await using tools = await openSession(options, io, output);
    const snapshotId = await resolveSnapshot(tools, id);
    const asked: RestoreOptions = {
      snapshotId,
      target: resolve(Deno.cwd(), target),
      paths: wanted,
      identities,
      overwrite: options.overwrite,
      dryRun: options.dryRun,
      writers: threadCount(tools.config),
      thaw: options.retrieve && { speed: options.retrieve, days: options.retrieveDays, pollMs: THAW_POLL_MS },
    };
    if (options.dryRun) {
      const plan = await withAdvice(planRestore(tools, asked));
      const { changes = [] } = options.overwrite === undefined ? {} : await restoreSnapshot(tools, asked);
      output.result({ ...plan, changes }, planText(plan, changes), tools.traffic.take());
      return 0;
    }
    const summary = await withAdvice(restoreSnapshot(tools, asked));
    output.result(summary, inWords(summary), tools.traffic.take());
    const { damaged, failed, notMade } = summary;
    if (failed.length > 0) {
      output.text.warnList(`ERROR: ${filesIn(failed)} could not be written here`, failed);
    }
    if (damaged.length === 0) return notMade + failed.length > 0 ? EXIT_INCOMPLETE : 0;
    output.text.warnList(
      `DAMAGED: ${filesIn(damaged)} of ${summary.id} could not be restored whole`,
      damaged,
    );
    return exitCodeOf(new CorruptionError());
  },
};

function filesIn(list: readonly unknown[]): string {
  return list.length === 1 ? "1 file" : `${formatCount(list.length)} files`;
}

async function withAdvice<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ArchivedError)) throw error;
    const advice = "--dry-run says what asking it back costs, --retrieve standard asks, waits and goes on";
    throw new ArchivedError(`${error.message}; ${advice}`, { cause: error });
  }
}

function checkDays(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days >= 1 && days <= 365) return days;
  throw new UsageError(
    `Cannot use --retrieve-days ${JSON.stringify(text)}: allowed is a whole number from 1 to 365`,
  );
}

function checkPath(path: string): string {
  if (path.startsWith("/")) return normalizePath(path);
  throw new UsageError(
    `Cannot restore ${JSON.stringify(path)}: paths of a snapshot are absolute, as in /etc/hosts`,
  );
}

function inWords(summary: RestoreSummary): string {
  const { files, directories, others, bytes, bytesAgain } = summary;
  const again = bytesAgain === 0 ? "" : ` (${formatSize(bytesAgain)} of it more than once)`;
  return `Restored ${summary.id} to ${summary.target}\n` +
    `  ${formatCount(files)} files, ${formatCount(directories)} directories, ${
      formatCount(others)
    } others, ` +
    `${formatSize(bytes)}; fetched ${formatSize(summary.bytesDownloaded)}${again} of ${
      formatCount(summary.objectsRead)
    } objects in ${formatDuration(summary.durationMs)}`;
}
