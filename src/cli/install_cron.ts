import { fromLatin1, toLatin1 } from "../base/bytes.ts";
import { EnvironmentError } from "../base/errors.ts";
import type { Io } from "./io.ts";

/** What `crontab -l` says where this user has none; whatever else it fails for, there may be one. */
const NONE = /no \S*crontab|no such file/i;

/**
 * Puts `line` into the crontab of this user, in the place of an earlier one for the same configuration; all else stays as it is. Throws
 * `EnvironmentError` where there is no cron, or the crontab cannot be read.
 */
export async function installCron(line: string, io: Io): Promise<void> {
  const before = await crontab(["-l"], io);
  if (!before.isDone && !NONE.test(before.err)) throw refusal("read", before.err, line);
  const { isDone, err } = await crontab(["-"], io, withLine(before.isDone ? before.out : "", line));
  if (!isDone) throw refusal("change", err, line);
}

/** The text of a crontab, one character a byte. */
function withLine(text: string, line: string): string {
  const added = toLatin1(new TextEncoder().encode(line.trim()));
  const call = added.slice(added.lastIndexOf(" --config "));
  const lines = text.split("\n").filter((one) => !one.includes(call));
  if (lines.at(-1) === "") lines.pop();
  return [...lines, added, ""].join("\n");
}

function refusal(what: string, err: string, line: string): EnvironmentError {
  return new EnvironmentError(
    `Cannot ${what} the crontab: ${err || "crontab failed"}; the line is: ${line.trim()}`,
  );
}

async function crontab(args: string[], io: Io, input = "") {
  const env = { PATH: io.env("PATH") ?? "/usr/bin:/bin", LC_ALL: "C" };
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
  await writer.write(fromLatin1(input)).catch(() => {});
  await writer.close().catch(() => {});
  const { success, stdout, stderr } = await process.output();
  return { isDone: success, out: toLatin1(stdout), err: new TextDecoder().decode(stderr).trim() };
}
