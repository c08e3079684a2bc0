import { EnvironmentError } from "../base/errors.ts";
import type { Io } from "./io.ts";

/**
 * Puts `line` into the crontab of this user, in the place of an earlier one for the configuration `file`; other lines stay. Throws
 * `EnvironmentError` where there is no cron.
 */
export async function installCron(line: string, file: string, io: Io): Promise<void> {
  const before = await crontab(["-l"], io);
  const isEarlier = (one: string) => one.includes(`--config ${file} snapshot create --cron`);
  const others = before.out.split("\n").filter((one) => one !== "" && !isEarlier(one));
  const { isDone, err } = await crontab(["-"], io, [...others, line.trim(), ""].join("\n"));
  if (isDone) return;
  throw new EnvironmentError(
    `Cannot change the crontab: ${err || "crontab failed"}; the line is: ${line.trim()}`,
  );
}

async function crontab(args: string[], io: Io, input?: string) {
  const env = { PATH: io.env("PATH") ?? "/usr/bin:/bin" };
  // A shell finds the program by the PATH that it is given.
  const shell = ["-c", 'exec crontab "$@"', "sh", ...args];
  const command = new Deno.Command("/bin/sh", {
    args: shell,
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const process = command.spawn();
  const writer = process.stdin.getWriter();
  if (input !== undefined) await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
  const { success, stdout, stderr } = await process.output();
  const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { isDone: success, out: success ? textOf(stdout) : "", err: textOf(stderr) };
}
