import { formatDuration } from "../../base/units.ts";
import { runCommand } from "../../platform/shell.ts";

/** A command that looks at a restored file, as one that loads a dump does. */
export interface VerifyCommand {
  /** In the snapshot, as it is typed. */
  readonly path: string;
  /** A program and its arguments. */
  readonly command: readonly string[];
  readonly timeoutMs: number;
}

/** Where what it looks at was restored to. */
export interface RestoredPath {
  readonly snapshotId: string;
  /** The directory below which the restore has put everything. */
  readonly directory: string;
  readonly restored: string;
}

/** Runs a command on what was restored; what is wrong, if anything. */
export async function verifyRestored(
  { path, command, timeoutMs }: VerifyCommand,
  { snapshotId, directory, restored }: RestoredPath,
  signal: AbortSignal,
): Promise<string | undefined> {
  const env = {
    VAULTIK_DRILL_PATH: path,
    VAULTIK_DRILL_RESTORED: restored,
    VAULTIK_DRILL_DIRECTORY: directory,
    VAULTIK_DRILL_SNAPSHOT: snapshotId,
  };
  const { code, isLate, output } = await run(command, { env, timeoutMs, signal });
  signal.throwIfAborted();
  if (code === 0 && !isLate) return undefined;
  const what = isLate ? `took longer than ${formatDuration(timeoutMs)} and was killed` : `ended with ${code}`;
  const printed = output === "" ? "" : `: ${output.replaceAll("\n", "; ")}`;
  return `does not pass its verify command: ${command[0]} ${what}${printed}`;
}

async function run(...[command, options]: Parameters<typeof runCommand>): ReturnType<typeof runCommand> {
  try {
    return await runCommand(command, options);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) {
      throw error;
    }
    return { code: 127, isLate: false, output: error.message };
  }
}
