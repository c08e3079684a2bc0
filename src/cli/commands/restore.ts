import { UsageError } from "../../base/errors.ts";
import type { Path } from "../../model/path.ts";
import { SPEEDS } from "../../model/storage_classes.ts";
import { planDeletions } from "../../operations/restore/deletions.ts";
import type { RestoreSummary } from "../../operations/restore/options.ts";
import { readBack } from "../../operations/restore/read_back.ts";
import { type RestorePart, restoreTogether } from "../../operations/restore/restore.ts";
import { startWriters } from "../../operations/restore/writers.ts";
import { SNAPSHOT_WORDS } from "../../read/resolve.ts";
import { type CommandSpec, flag } from "../command.ts";
import { isConfirmed } from "../confirm.ts";
import { findIdentities, IDENTITY_OPTION } from "../identities.ts";
import { Output, OUTPUT_OPTIONS } from "../output.ts";
import { type RestoreFlags, WHAT_OPTIONS } from "../restore_flags.ts";
import { findParts, underWay } from "../restore_parts.ts";
import { deletionsText } from "../restore_plan_text.ts";
import { restoreText, restoreVerdict, showRestorePlan, withAdvice } from "../restore_text.ts";
import { restoreToCommand } from "../restore_to_command.ts";
import { openSession, STORE_OPTIONS, threadCount } from "../session.ts";
import { wantedOf } from "../wanted_paths.ts";

export const restore: CommandSpec<RestoreFlags> = {
  usage: "restore <id> [target] [path...]",
  summary: "Restore a snapshot, or the named paths of it, below a directory",
  details: `The snapshot is ${SNAPSHOT_WORDS}. <id>:/etc is that path of it. ` +
    "Where there are several source sets, latest and times mean one of each, and all of them are restored; --name chooses one. Each path comes back " +
    "below <target> by its full name: /etc/hosts as <target>/etc/hosts. A word with a * is a pattern. On a fresh machine --storage-url and the identity are enough.",
  options: [
    IDENTITY_OPTION(),
    flag(
      "--dry-run",
      "restore nothing; say what would be, what it would fetch, and what cold storage would cost",
    ),
    flag("--verify", "read everything that was restored again, and compare"),
    ...WHAT_OPTIONS(),
    flag(
      "--delete",
      "with --overwrite: delete below the restored paths what the snapshot does not have; it is shown first, and asked",
    ),
    flag(
      "--in-place",
      "restore each path to where it was; there is no <target> then, and --overwrite is needed",
    ),
    flag("--force", "delete without asking"),
    flag(
      "--command",
      "feed the one file <id>:/path to the command that stands at the end, after --, instead of writing it to a directory",
    ),
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

  async run({ args: [id, first, rest], options, io }) {
    using output = new Output(io, options);
    if (options.command) {
      const command = first === undefined ? rest : [first, ...rest];
      checkCommand(id, command);
      const identities = await findIdentities(options.identity, io);
      await using tools = await openSession(options, io, output);
      await restoreToCommand(id, command, { tools, identities, options, io, output });
      return 0;
    }
    const { target, words } = targetOf(first, rest, options);
    const wanted = wantedOf(id, words, options.include);
    const identities = await findIdentities(options.identity, io);
    await using tools = await openSession(options, io, output);
    const finding = findParts({ tools, identities, options, output }, wanted, target);
    await underWay(finding, tools.traffic);
    using writers = options.dryRun ? undefined : startWriters(threadCount(tools.config));
    const parts = await finding;
    const deletions = options.delete ? await planDeletions(parts) : [];
    if (writers === undefined) {
      return await showRestorePlan(parts, deletions, options, { output, traffic: tools.traffic });
    }
    if (deletions.length > 0) {
      output.text.say(deletionsText(deletions, target));
      if (!await isConfirmed("delete what is listed", options, io)) return 0;
    }
    const restored = await withAdvice(restoreTogether(deleting(parts, deletions), writers));
    const summaries = options.verify ? await readAllBack(parts, restored) : restored;
    const value = summaries.length === 1 ? summaries[0] : { snapshots: summaries };
    output.result(value, summaries.map(restoreText).join("\n"), tools.traffic.take());
    return restoreVerdict(summaries, output, options);
  },
};

/** Deletions are made once, before all else. */
function deleting(parts: readonly RestorePart[], deletions: readonly Path[]): RestorePart[] {
  return parts.map((part, i) => i === 0 ? { ...part, options: { ...part.options, deletions } } : part);
}

/** Reads what was restored again: what differs, or cannot be read, has failed. */
async function readAllBack(
  parts: readonly RestorePart[],
  restored: readonly RestoreSummary[],
): Promise<RestoreSummary[]> {
  const summaries: RestoreSummary[] = [];
  for (const [i, summary] of restored.entries()) {
    const { differing, unread } = await readBack(parts[i]!.tools, parts[i]!.options, summary);
    summaries.push({ ...summary, failed: [...summary.failed, ...differing, ...unread] });
  }
  return summaries;
}

function checkCommand(id: string, command: readonly string[]): void {
  if (command.length === 0) {
    throw new UsageError("Cannot restore to a command: write it at the end, after --command --");
  }
  if (id.includes(":/")) return;
  throw new UsageError("Cannot restore to a command: name one file, as in latest:/databases/app.sql");
}

/** With `--in-place` all words are paths. */
function targetOf(
  first: string | undefined,
  rest: readonly string[],
  { inPlace, as, overwrite, delete: deletes }: RestoreFlags,
): { readonly target: string; readonly words: readonly string[] } {
  if (deletes && (overwrite === undefined || overwrite === "never")) {
    throw new UsageError("Cannot delete: --delete goes with --overwrite always, if-changed or if-newer");
  }
  if (inPlace) {
    if (as !== undefined) throw new UsageError("Cannot restore in place as another path: leave out --as");
    return { target: "/", words: first === undefined ? [] : [first, ...rest] };
  }
  if (first !== undefined) return { target: first, words: rest };
  throw new UsageError("Cannot restore: name a target directory, or --in-place");
}

function checkDays(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days >= 1 && days <= 365) return days;
  throw new UsageError(
    `Cannot use --retrieve-days ${JSON.stringify(text)}: allowed is a whole number from 1 to 365`,
  );
}
