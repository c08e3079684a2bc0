import { resolve } from "node:path/posix";
import { CorruptionError, EXIT_INCOMPLETE, exitCodeOf, UsageError } from "../../base/errors.ts";
import { formatCount, formatDuration, formatSize } from "../../base/units.ts";
import { normalizePath } from "../../model/path.ts";
import type { RestoreSummary } from "../../operations/options.ts";
import { restore as restoreSnapshot } from "../../operations/restore/restore.ts";
import { resolveSnapshot } from "../../operations/snapshots.ts";
import type { CommandSpec } from "../command.ts";
import { findIdentities, IDENTITY_OPTION } from "../identities.ts";
import { Output, OUTPUT_OPTIONS, type OutputOptions } from "../output.ts";
import { openSession, STORE_OPTIONS, type StoreOptions, workerCount } from "../session.ts";

interface RestoreFlags extends OutputOptions, StoreOptions {
  readonly identity?: string;
}

export const restore: CommandSpec<RestoreFlags> = {
  usage: "restore <id> <target> [path...]",
  summary: "Restore a snapshot, or the named paths of it, below a directory",
  details:
    "<id> is the id of a snapshot, the unique beginning of one, or latest. Each path comes back below <target> by its full " +
    "name: /etc/hosts as <target>/etc/hosts. On a fresh machine --storage-url and the identity are enough.",
  options: [IDENTITY_OPTION(), ...STORE_OPTIONS(), ...OUTPUT_OPTIONS()],
  exits: [3, 4, 5, 6],
  example: "vaultik restore latest /mnt/restored /etc --identity key.txt --storage-url s3://backup/web1",

  async run({ args: [id, target, paths], options, io }) {
    using output = new Output(io, options);
    const wanted = paths.map(checkPath);
    const identities = await findIdentities(options.identity, io);
    await using tools = await openSession(options, io, output);
    const snapshotId = await resolveSnapshot(tools, id);
    const summary = await restoreSnapshot(tools, {
      snapshotId,
      target: resolve(Deno.cwd(), target),
      paths: wanted,
      identities,
      writers: workerCount(),
    });
    output.result(summary, inWords(summary), tools.traffic.take());
    if (summary.damaged.length === 0) return summary.notMade > 0 ? EXIT_INCOMPLETE : 0;
    const count = summary.damaged.length === 1 ? "1 file" : `${formatCount(summary.damaged.length)} files`;
    output.text.warnList(`DAMAGED: ${count} of ${summary.id} could not be restored whole`, summary.damaged);
    return exitCodeOf(new CorruptionError());
  },
};

function checkPath(path: string): string {
  if (path.startsWith("/")) return normalizePath(path);
  throw new UsageError(
    `Cannot restore ${JSON.stringify(path)}: paths of a snapshot are absolute, as in /etc/hosts`,
  );
}

function inWords(summary: RestoreSummary): string {
  const { files, directories, others, bytes } = summary;
  return `Restored ${summary.id} to ${summary.target}\n` +
    `  ${formatCount(files)} files, ${formatCount(directories)} directories, ${
      formatCount(others)
    } others, ` +
    `${formatSize(bytes)}; fetched ${formatSize(summary.bytesDownloaded)} in ${
      formatDuration(summary.durationMs)
    }`;
}
