import { EnvironmentError } from "../base/errors.ts";
import type { Config } from "../config/config.ts";
import type { SnapshotConfig } from "../config/snapshots.ts";
import type { HookMoment, HooksConfig } from "../config/hooks.ts";
import { realPath } from "../model/path_alias.ts";
import type { BackupSummary } from "../operations/backup/options.ts";
import { startFault } from "../platform/process_group.ts";
import { runShell, type ShellResult } from "../platform/shell.ts";
import { formatDuration } from "../base/units.ts";
import type { Report } from "../report/events.ts";
import { type CreateOptions, exitOf } from "./create_snapshots.ts";
import { exitCodeOf } from "../base/exit_codes.ts";

const VARIABLE_MAX = 4_096;

export interface HookCall {
  readonly config: Config;
  readonly report: Report;
  readonly signal: AbortSignal;
  readonly options: CreateOptions;
}

/**
 * Makes a snapshot between its hooks; those for all source sets run outside of its own. A `before` that fails stops the backup, which
 * throws `EnvironmentError`; of others that fail there is a warning. `finally` runs in any case, also after an interruption.
 */
export async function withHooks(
  name: string,
  call: HookCall,
  work: () => Promise<BackupSummary>,
): Promise<BackupSummary> {
  const snapshot = call.config.snapshots.find((snapshot) => snapshot.name === name)!;
  const levels = [call.config.hooks, snapshot.hooks].filter((hooks) => hooks !== undefined);
  const around = levels.reduceRight(
    (inner, hooks) => () => new Hooks(hooks, snapshot, call).around(inner),
    work,
  );
  return await around();
}

/** The hooks of one level around one backup. */
class Hooks {
  readonly #hooks: HooksConfig;
  readonly #snapshot: SnapshotConfig;
  readonly #call: HookCall;

  constructor(hooks: HooksConfig, snapshot: SnapshotConfig, call: HookCall) {
    this.#hooks = hooks;
    this.#snapshot = snapshot;
    this.#call = call;
  }

  async around(work: () => Promise<BackupSummary>): Promise<BackupSummary> {
    let result: Record<string, string> = {};
    try {
      await this.#before();
      const summary = await work();
      result = resultOf(summary, this.#call.options);
      await this.#orWarn("after", result);
      return summary;
    } catch (error) {
      result = failureOf(error);
      await this.#orWarn("failed", result);
      throw error;
    } finally {
      await this.#orWarn("finally", result);
    }
  }

  async #before(): Promise<void> {
    for (const command of this.#hooks.commands.before ?? []) {
      const fault = await this.#run("before", command, {}, this.#call.signal);
      this.#call.signal.throwIfAborted();
      if (fault === undefined) continue;
      throw new EnvironmentError(`Cannot back up ${this.#snapshot.name}: its hook "before" ${fault}`);
    }
  }

  /** All commands of a moment, whatever comes of each. An interruption does not end them: they clean up. */
  async #orWarn(moment: HookMoment, result: Record<string, string>): Promise<void> {
    for (const command of this.#hooks.commands[moment] ?? []) {
      const fault = await this.#run(moment, command, result);
      if (fault === undefined) continue;
      const text = `the hook "${moment}" of ${this.#snapshot.name} ${fault}`;
      this.#call.report({ kind: "warning", text });
    }
  }

  /** What went wrong. */
  async #run(
    moment: HookMoment,
    command: string,
    result: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<string | undefined> {
    const env = {
      VAULTIK_HOOK: moment,
      VAULTIK_SNAPSHOT: this.#snapshot.name,
      VAULTIK_PATHS: realPaths(this.#snapshot).join("\n"),
      VAULTIK_HOSTNAME: this.#call.config.hostname,
      ...result,
    };
    try {
      return this.#faultOf(await runShell(command, { env, timeoutMs: this.#hooks.timeoutMs, signal }));
    } catch (error) {
      return `cannot be started: ${startFault(error)}`;
    }
  }

  /** What went wrong, with the end of what the command printed. */
  #faultOf({ code, isLate, output }: ShellResult): string | undefined {
    if (code === 0 && !isLate) return undefined;
    const what = isLate
      ? `took longer than ${formatDuration(this.#hooks.timeoutMs)} and was killed`
      : `ended with ${code}`;
    return output === "" ? what : `${what}: ${output.replaceAll("\n", "; ")}`;
  }
}

function realPaths({ paths, aliases }: SnapshotConfig): string[] {
  return paths.map((path) => realPath(aliases, path));
}

function resultOf(summary: BackupSummary, options: CreateOptions): Record<string, string> {
  const exit = exitOf(summary, options);
  return {
    VAULTIK_STATUS: exit === 0 ? "success" : "warning",
    VAULTIK_EXIT_CODE: String(exit),
    VAULTIK_SNAPSHOT_ID: summary.id,
  };
}

function failureOf(error: unknown): Record<string, string> {
  return {
    VAULTIK_STATUS: "failure",
    VAULTIK_EXIT_CODE: String(exitCodeOf(error)),
    VAULTIK_ERROR: variable(error instanceof Error ? error.message : String(error)),
  };
}

/** What others say, as no store may keep hooks from running: the kernel takes no NUL in a variable, and bounds its length. */
function variable(text: string): string {
  return text.replaceAll("\0", "").slice(0, VARIABLE_MAX);
}
