import { UsageError } from "../../base/errors.ts";
import { formatCount, formatSize, parseDuration } from "../../base/units.ts";
import type { PruneConfig } from "../../config/prune.ts";
import { checkSurvey, executePrune } from "../../operations/prune/prune.ts";
import { type PruneOptions, surveyPrune } from "../../operations/prune/survey.ts";
import type { HostTools } from "../../read/hosts.ts";
import { type CommandSpec, flag } from "../command.ts";
import { type ConfirmOptions, isConfirmed } from "../confirm.ts";
import type { Io } from "../io.ts";
import { Output, OUTPUT_OPTIONS } from "../output.ts";
import { surveyAsJson } from "../prune_json.ts";
import { pruneInWords, surveyInWords } from "../prune_text.ts";
import {
  ALL_HOSTS_OPTION,
  hostsFor,
  openConfigured,
  openSession,
  readConfig,
  STORE_OPTIONS,
  type StoreOptions,
} from "../session.ts";

interface PruneFlags extends ConfirmOptions, StoreOptions {
  readonly dryRun?: boolean;
  readonly grace?: string;
  readonly minAge?: string;
}

const DAY_MS = 24 * 3600 * 1000;

export const prune: CommandSpec<PruneFlags> = {
  usage: "prune",
  summary: "Delete what no snapshot needs any more; needs no key",
  details:
    "Works in two steps: a blob that no snapshot names is marked for deletion, and a prune at least prune_grace (24h) later deletes it if it " +
    "is still unnamed. So it may run at any time, whatever backups run meanwhile. What would be done is shown first. It refuses " +
    "while a snapshot lacks an object.",
  options: [
    flag("--dry-run", "show what would be deleted, marked and kept, and do nothing"),
    flag("--force", "delete without asking"),
    flag(
      "--grace <duration>",
      "instead of prune_grace; 0s deletes at once, in a store that no one else writes to",
    ),
    flag("--min-age <duration>", "instead of prune_min_age"),
    ALL_HOSTS_OPTION(),
    ...STORE_OPTIONS(),
    ...OUTPUT_OPTIONS(),
  ],
  exits: [4, 5, 6],
  example: "vaultik prune --dry-run",

  async run({ options, io }) {
    using output = new Output(io, options);
    const config = options.storageUrl === undefined
      ? (await readConfig(options, io, output)).config
      : undefined;
    const policy = pruneOptions(options, config?.prune);
    await using tools = config === undefined
      ? await openSession(options, io, output)
      : await openConfigured(config, io, output);
    for (const host of await hostsFor(tools, options)) {
      if (!await pruneHost(host, policy, { options, io, output })) break;
    }
    return 0;
  },
};

interface PruneCall {
  readonly options: PruneFlags;
  readonly io: Io;
  readonly output: Output;
}

/** False where the user does not agree. */
async function pruneHost(tools: HostTools, policy: PruneOptions, call: PruneCall): Promise<boolean> {
  const { options, io, output } = call;
  const survey = await surveyPrune(tools, policy);
  const show = () => output.result(surveyAsJson(tools, survey), surveyInWords(tools, survey, policy));
  if (policy.dryRun || !options.force) show();
  checkSurvey(survey);
  if (policy.dryRun) return true;
  const { removed } = survey.plan;
  const action = `delete ${formatCount(removed.objects)} objects, ${formatSize(removed.bytes)}`;
  // To mark takes nothing away.
  if (removed.objects > 0 && !await isConfirmed(action, options, io)) {
    output.text.say("Nothing was deleted");
    return false;
  }
  const summary = await executePrune(tools, survey, policy);
  if (options.force || !options.json) {
    output.result(surveyAsJson(tools, survey, summary), pruneInWords(summary));
  }
  return true;
}

function pruneOptions(flags: PruneFlags, config: PruneConfig | undefined): PruneOptions {
  return {
    graceMs: duration(flags.grace, "--grace") ?? config?.graceMs ?? DAY_MS,
    minAgeMs: duration(flags.minAge, "--min-age") ?? config?.minAgeMs ?? 0,
    dryRun: flags.dryRun ?? false,
  };
}

function duration(text: string | undefined, name: string): number | undefined {
  const ms = text === undefined ? undefined : parseDuration(text);
  if (text === undefined || ms !== undefined) return ms;
  throw new UsageError(`Cannot use ${name} ${JSON.stringify(text)}: allowed is a duration, as in 12h or 2d`);
}
