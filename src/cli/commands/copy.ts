import { directoryOf } from "../../store/backends.ts";
import { CorruptionError, UsageError } from "../../base/errors.ts";
import { exitCodeOf } from "../../base/exit_codes.ts";
import { formatCount, formatSize } from "../../base/units.ts";
import type { Config } from "../../config/config.ts";
import { loadStorage } from "../../config/load.ts";
import { toLocation } from "../../config/storage.ts";
import { type CopySummary, executeCopy } from "../../operations/copy/copy.ts";
import type { CopyPlan, CopyProblem } from "../../operations/copy/copy_plan.ts";
import { planCopy } from "../../operations/copy/plan.ts";
import { explainStore } from "../../operations/explain_store.ts";
import { type HostTools, hostTools } from "../../read/hosts.ts";
import { openStore, type StoreLocation } from "../../store/open.ts";
import type { ObjectStore } from "../../store/store.ts";
import { Traffic } from "../../store/traffic.ts";
import { type CommandSpec, flag } from "../command.ts";
import { chosen } from "../chosen.ts";
import type { Io } from "../io.ts";
import { recoverPage } from "../recover_page.ts";
import { Output, OUTPUT_OPTIONS, type OutputOptions, table } from "../output.ts";
import { ALL_HOSTS_OPTION, locationAt, openSession, STORE_OPTIONS, type StoreOptions } from "../session.ts";

interface CopyFlags extends OutputOptions, StoreOptions {
  readonly to?: string;
  readonly toS3Endpoint?: string;
  readonly toConfig?: string;
  readonly create?: boolean;
  readonly dryRun?: boolean;
}

export const copy: CommandSpec<CopyFlags> = {
  usage: "copy [id...]",
  summary: "Copy snapshots to another store; needs no key",
  details:
    "<id> is the id of a snapshot, the unique beginning of one, or latest; without any, all are copied. Objects keep their " +
    "names, are checked on the way, and are left out where the target has them with their size. What was interrupted goes on " +
    "the next time. A second S3 store with keys of its own is named by a configuration file that may hold storage_url and s3 alone.",
  options: [
    flag(
      "--to <url>",
      "the target: file:///PATH, rclone://REMOTE/PATH, or s3://BUCKET/PREFIX with keys from AWS_*",
    ),
    flag("--to-s3-endpoint <url>", "with --to s3://…: the server, unless it is AWS or in AWS_ENDPOINT_URL"),
    flag("--to-config <file>", "the target is the store of this configuration"),
    flag("--create", "make the directory of the target where it is missing"),
    flag("--dry-run", "show what would be copied, and copy nothing"),
    ALL_HOSTS_OPTION(),
    ...STORE_OPTIONS(),
    ...OUTPUT_OPTIONS(),
  ],
  exits: [4, 5, 6],
  example: "vaultik copy --to file:///mnt/usb/web1",

  async run({ args: [wanted], options, io }) {
    using output = new Output(io, options);
    const location = await targetOf(options, io, output);
    await using tools = await openSession(options, io, output);
    const traffic = new Traffic();
    await using target = await openStore(limited(location, tools.config), output.report, {
      traffic,
      notesIn: tools.cache?.directory,
      create: options.create,
    });
    const work: HostCopy[] = [];
    for (const { tools: from, snapshotIds } of await chosen(tools, wanted, options)) {
      const to = hostTools({ ...tools, store: target }, from.host).store;
      work.push({ from, to, plan: await planCopy(from, to, snapshotIds) });
    }
    const plan = joinedPlan(work.map(({ plan }) => plan));
    const places = { from: tools.store.location, to: target.location };
    if (options.dryRun) {
      output.result({ isDone: false, ...places, ...planned(plan) }, planInWords(plan, target));
      return warnOfProblems(plan.problems, tools, output) ?? 0;
    }
    const summaries: CopySummary[] = [];
    for (const { from, to, plan } of work) summaries.push(await executeCopy(from, to, plan));
    await explainStore({ ...tools, store: target }, await recoverPage());
    const summary = joinedSummary(summaries);
    const requests = { from: tools.traffic.take(), to: traffic.take() };
    output.result({ isDone: true, ...places, ...summary, requests }, inWords(summary, target));
    const damaged = warnOfProblems(summary.problems, tools, output);
    return damaged ?? (summary.barred.length === 0 ? 0 : exitCodeOf(new UsageError()));
  },
};

/** The exit code, where there are any. */
function warnOfProblems(
  problems: readonly CopyProblem[],
  { store }: Pick<HostTools, "store">,
  { text }: Output,
): number | undefined {
  if (problems.length === 0) return undefined;
  text.warn(`DAMAGED: snapshots of ${store.location} cannot be copied:`);
  for (const { object, state, snapshots } of problems) {
    text.warn(`  "${object}" ${state}; needed by ${snapshots.join(", ")}`);
  }
  return exitCodeOf(new CorruptionError());
}

/** The copy of one host's snapshots. */
interface HostCopy {
  readonly from: HostTools;
  readonly to: ObjectStore;
  readonly plan: CopyPlan;
}

function joinedPlan(plans: readonly CopyPlan[]): CopyPlan {
  const sum = (of: (plan: CopyPlan) => number) => plans.reduce((total, one) => total + of(one), 0);
  return {
    snapshots: plans.flatMap(({ snapshots }) => snapshots),
    missing: new Map(
      plans.flatMap(({ missing }, i) => [...missing].map(([name, size]) => [`${i} ${name}`, size])),
    ),
    bytes: sum(({ bytes }) => bytes),
    objectsPresent: sum(({ objectsPresent }) => objectsPresent),
    problems: plans.flatMap(({ problems }) => problems),
  };
}

function joinedSummary(summaries: readonly CopySummary[]): CopySummary {
  const sum = (of: (summary: CopySummary) => number) => summaries.reduce((total, one) => total + of(one), 0);
  return {
    copied: summaries.flatMap(({ copied }) => copied),
    barred: summaries.flatMap(({ barred }) => barred),
    present: sum(({ present }) => present),
    objects: sum(({ objects }) => objects),
    bytes: sum(({ bytes }) => bytes),
    problems: summaries.flatMap(({ problems }) => problems),
  };
}

async function targetOf(
  { to, toS3Endpoint, toConfig }: CopyFlags,
  io: Io,
  output: Output,
): Promise<StoreLocation> {
  if ((to === undefined) === (toConfig === undefined)) {
    throw new UsageError("Cannot copy: the target is named by --to URL or by --to-config FILE, one of them");
  }
  if (to !== undefined) {
    return locationAt({ url: to, endpoint: toS3Endpoint }, "--to", "--to-s3-endpoint", io);
  }
  if (toS3Endpoint !== undefined) {
    throw new UsageError("Cannot use --to-s3-endpoint: it belongs to --to s3://…");
  }
  const { storage, warnings } = await loadStorage(toConfig!, (name) => io.env(name));
  output.warnings(warnings);
  return toLocation(storage);
}

/** What this machine may send holds for a target that a URL names as well, unless it is a directory. */
function limited(target: StoreLocation, config: Config | undefined): StoreLocation {
  if (directoryOf(target) !== undefined || target.limits !== undefined) return target;
  return { ...target, limits: config?.storage.limits };
}

/** As JSON has it; which objects there are is of no interest. */
function planned({ snapshots, missing, bytes, objectsPresent }: CopyPlan): object {
  const lacking = snapshots.filter(({ isWhole }) => !isWhole);
  return {
    snapshots: lacking.map(({ id, objects, bytes }) => ({ id, objects, bytes })),
    present: snapshots.length - lacking.length,
    objects: missing.size,
    bytes,
    objectsPresent,
  };
}

function planInWords({ snapshots, missing, bytes }: CopyPlan, to: ObjectStore): string {
  const lacking = snapshots.filter(({ isWhole }) => !isWhole);
  const rows = lacking.map(({ id, objects, bytes }) => [id, formatCount(objects), formatSize(bytes)]);
  const total =
    `Would copy ${counted(lacking.length)} to ${to.location}: ${formatCount(missing.size)} objects, ` +
    `${formatSize(bytes)}; ${formatCount(snapshots.length - lacking.length)} are there`;
  return rows.length === 0 ? total : `${total}\n${table([["ID", "OBJECTS", "SIZE"], ...rows], [1, 2])}`;
}

function inWords({ copied, present, objects, bytes }: CopySummary, to: ObjectStore): string {
  return `Copied ${counted(copied.length)} to ${to.location}: ${formatCount(objects)} objects, ${
    formatSize(bytes)
  }; ` +
    `${formatCount(present)} were there`;
}

function counted(count: number): string {
  return count === 1 ? "1 snapshot" : `${formatCount(count)} snapshots`;
}
