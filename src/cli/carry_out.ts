import { dirname } from "node:path/posix";
import { atLeast } from "../base/at_least.ts";
import { EnvironmentError, NotFoundError } from "../base/errors.ts";
import { makeDirectoryDurably, writeDurably } from "../platform/durable_file.ts";
import type { ServicePlan } from "../daemon/service/service.ts";

/** What `plan` does, for the user to read. */
export function planInWords({ before, path, text, after }: ServicePlan): string {
  const commands = (list: ServicePlan["after"]) => list.map((command) => `run: ${command.join(" ")}`);
  const file = text === undefined
    ? `remove ${path}`
    : `write ${path}:\n${text.trimEnd().replace(/^/gm, "    ")}`;
  return [...commands(before), file, ...commands(after)].join("\n");
}

/** Throws `EnvironmentError` where a file cannot be written or a command fails, `NotFoundError` where the service is not there. */
export async function carryOut({ before, path, text, after }: ServicePlan): Promise<void> {
  if (text === undefined) await assertThere(path);
  for (const command of before) await run(command);
  if (text === undefined) await Deno.remove(path);
  else write(path, text);
  for (const command of after) await run(command);
}

async function assertThere(path: string): Promise<void> {
  try {
    await Deno.lstat(path);
  } catch (cause) {
    throw new NotFoundError(`Cannot remove the service: there is no "${path}"`, { cause });
  }
}

function write(path: string, text: string): void {
  try {
    makeDirectoryDurably(dirname(path));
    writeDurably(path, text, { replace: true, mode: 0o644 });
  } catch (cause) {
    throw new EnvironmentError(`Cannot write "${path}"`, { cause });
  }
}

async function run(command: readonly string[]): Promise<void> {
  const [program, ...args] = atLeast(1, command);
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(program, { args, stdin: "null" }).output();
  } catch (cause) {
    throw new EnvironmentError(`Cannot run "${command.join(" ")}": there is no ${program} on this machine`, {
      cause,
    });
  }
  if (output.success) return;
  const said = new TextDecoder().decode(output.stderr).trim().replaceAll("\n", "; ");
  throw new EnvironmentError(
    `Cannot run "${command.join(" ")}": ${said || `it ended with code ${output.code}`}`,
  );
}
