import { UsageError } from "../../base/errors.ts";
import { exitCodeOf } from "../../base/exit_codes.ts";
import type { LoadedConfig } from "../../config/load.ts";
import { iamPolicy, type Policy, type Role } from "../../model/iam_policy.ts";
import { checkHost } from "../../operations/doctor/host_check.ts";
import { checkMachine } from "../../operations/doctor/machine.ts";
import type { MachineCheck } from "../../operations/doctor/root_check.ts";
import { type ProbeResult, probeStore, type ProbeStores } from "../../operations/doctor/probes.ts";
import { hostPrefix } from "../../model/names.ts";
import type { Report } from "../../report/events.ts";
import { newHeader } from "../../seal/age.ts";
import { openStore, type OpenStoreOptions, type StoreLocation } from "../../store/open.ts";
import type { ObjectStore } from "../../store/store.ts";
import { Traffic } from "../../store/traffic.ts";
import { within } from "../../store/within.ts";
import { type CommandSpec, flag } from "../command.ts";
import { reportJson, reportRow, reportTable } from "../doctor_report.ts";
import type { Io } from "../io.ts";
import { Output, OUTPUT_OPTIONS, type OutputOptions } from "../output.ts";
import { findLocation, session, STORE_OPTIONS, type StoreOptions } from "../session.ts";

/** How long the object that tries the lock is locked: no one can remove it before. */
const LOCK_TRIAL = { mode: "governance", days: 1 / (24 * 60) } as const;
/** Whoever asks for a diagnosis waits for an answer. */
const POLICY = { limitMs: 20_000, firstLimitMs: 20_000 };
/** In the policy of a source whose keys are not known here. */
const UNKNOWN_HOST = "HOST";
const MARKS = { good: "ok  ", neutral: "    ", bad: "!!  " };

interface DoctorFlags extends OutputOptions, StoreOptions {
  readonly report?: boolean;
}

export const doctor: CommandSpec<DoctorFlags> = {
  usage: "doctor",
  summary: "Find out what is wrong, and what a thief of this machine could do to the backups",
  details:
    "Checks the configuration and this machine, then tries on a few small objects below probe/ in the host's directory of the " +
    "store what its credentials may do, says what each answer means for a machine that is stolen, and prints for S3 the least " +
    "rights that this machine as a source, an administrator and a restore need. What it made it removes, where it may; keys of " +
    "the host that it has to make, as its rights depend on them, stay beside the index.",
  options: [
    flag(
      "--report",
      "print one row of a table of what the store can do, without names or keys, to show to others",
    ),
    ...STORE_OPTIONS(),
    ...OUTPUT_OPTIONS(),
  ],
  exits: [6],
  example: "vaultik doctor",

  async run({ options, io }) {
    using output = new Output(io, options);
    const { location, loaded } = await findLocation(options, io, output);
    const { host, check } = loaded === undefined
      ? { host: undefined, check: [] }
      : checkHost(loaded.config.indexPath, location.kind === "s3" && !options.report);
    const checks = loaded === undefined ? [] : [await checkConfigured(loaded, io), check].flat();
    const probes = await probe(location, host, io, output);
    if (options.report) {
      const row = reportRow(location, probes.results, io.now());
      output.result(reportJson(row), reportTable(row));
      return 0;
    }
    const policies = location.kind === "s3" ? policiesFor(location, host ?? UNKNOWN_HOST) : undefined;
    output.result(
      { store: probes.store, host, checks, probes: probes.results, policies: policies && verbatim(policies) },
      [
        ...checks.map(checkLine),
        `Store ${probes.store}`,
        ...probes.results.map(probeLine),
        ...policies === undefined ? [] : policyLines(policies, host),
      ].join("\n"),
    );
    const isWrong = checks.some(({ isRight }) => !isRight) || probes.results.length === 1;
    return isWrong ? exitCodeOf(new UsageError()) : 0;
  },
};

async function checkConfigured({ path, config }: LoadedConfig, io: Io): Promise<MachineCheck[]> {
  const { indexPath, snapshots, ageRecipients } = config;
  // What is stored under another path is mounted for its backup only.
  const roots = snapshots.flatMap(({ paths, aliases, exclude }) =>
    paths.filter((path) => !aliases.some(({ stored }) => stored === path))
      .map((path) => ({ path, exclude: [...config.exclude, ...exclude] }))
  );
  return [
    { what: `configuration ${path}`, isRight: true, text: "has no faults" },
    await checkSealing(ageRecipients),
    ...await checkMachine({ indexPath, roots, now: io.now() }),
  ];
}

/** Whether something can be sealed to all of them: a plugin may be missing. */
async function checkSealing(recipients: readonly string[]): Promise<MachineCheck> {
  const what = "recipients";
  try {
    await newHeader(recipients);
    return { what, isRight: true, text: `${recipients.length} can open what is stored` };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { what, isRight: false, text: error.message };
  }
}

async function probe(location: StoreLocation, host: string | undefined, io: Io, output: Output) {
  const traffic = new Traffic();
  const open = (change: object, options: OpenStoreOptions = {}) =>
    openStore({ ...location, ...change }, output.report as Report, { policy: POLICY, traffic, ...options });
  await using stack = new AsyncDisposableStack();
  /** The host's directory, where credentials may be confined to. */
  const part = (store: ObjectStore) => host === undefined ? store : within(store, hostPrefix(host));
  const store = stack.use(await open({ objectLock: undefined }));
  const stores: ProbeStores = location.kind !== "s3" ? {} : {
    inParts: part(stack.use(await open({ objectLock: undefined }, { multipartFromBytes: 0 }))),
    locking: part(stack.use(await open({ objectLock: LOCK_TRIAL }))),
  };
  const tools = session(part(store), io, output, {}, traffic);
  return { store: store.location, results: await probeStore(tools, stores) };
}

/** In JSON its members keep their names, which are those of AWS. */
function verbatim(policies: Policies): { toJSON(): Policies } {
  return { toJSON: () => policies };
}

type Policies = Readonly<Record<Role, Policy>>;

function policiesFor(location: Extract<StoreLocation, { readonly kind: "s3" }>, host: string): Policies {
  const { bucket, prefix, objectLock, encryption } = location;
  const place = {
    bucket,
    prefix,
    host,
    locks: objectLock !== undefined,
    kms: encryption?.startsWith("aws:kms") ?? false,
  };
  return {
    source: iamPolicy("source", place),
    administrator: iamPolicy("administrator", place),
    restore: iamPolicy("restore", place),
  };
}

function checkLine({ what, isRight, text }: MachineCheck): string {
  return `${isRight ? MARKS.good : MARKS.bad}${what}: ${text}`;
}

function probeLine({ probe, answer, judgement, text, detail }: ProbeResult): string {
  const line = `${MARKS[judgement]}${probe.padEnd(18)}${answer.padEnd(8)}  ${text}`;
  return detail === undefined || answer === "refused" ? line : `${line} (${detail})`;
}

function policyLines(policies: Policies, host: string | undefined): string[] {
  const source = host === undefined
    ? `a source (${UNKNOWN_HOST} stands for its host id, which vaultik info shows there)`
    : `this machine as a source, host ${host}`;
  const who = { source, administrator: "an administrator", restore: "a restore" };
  return (["source", "administrator", "restore"] as const).flatMap((role) => [
    "",
    `Least rights of ${who[role]}, for AWS:`,
    JSON.stringify(policies[role], undefined, 2),
  ]);
}
