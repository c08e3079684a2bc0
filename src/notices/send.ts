import type { HttpMessage } from "./messages.ts";

/** Why a notice did not arrive: no address is in its message, as addresses of pings are secrets. */
export class NoticeError extends Error {
  override readonly name = "NoticeError";
}

const timedOut = () => new NoticeError("it did not answer in time");

/**
 * Sends one request, and reads nothing of the answer but its status. Redirections are not followed. Throws `NoticeError`, at the
 * latest after `timeoutMs` or when `signal` aborts.
 */
export async function sendHttp(message: HttpMessage, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const { url, method, headers, body } = message;
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(timedOut()), timeoutMs);
  try {
    const response = await fetch(url, {
      method,
      headers,
      body,
      redirect: "manual",
      signal: AbortSignal.any([deadline.signal, signal]),
    });
    await response.body?.cancel();
    if (!response.ok) throw new NoticeError(`it answered ${response.status}`);
  } catch (error) {
    if (error instanceof NoticeError) throw error;
    throw new NoticeError("it could not be reached");
  } finally {
    clearTimeout(timer);
  }
}

export interface Mail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

/** The text that sendmail reads. */
export function mailText({ to, subject, text }: Mail, date: Date): string {
  const head = [
    `To: ${to.join(", ")}`,
    `Subject: ${subject}`,
    `Date: ${date.toUTCString().replace("GMT", "+0000")}`,
    "Auto-Submitted: auto-generated",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
  ];
  return [...head, "", text, ""].join("\n");
}

/** Gives a mail to `program`, which takes it as sendmail does. Throws `NoticeError`; what takes longer than `timeoutMs` is killed. */
export async function sendMail(program: string, mail: Mail, date: Date, timeoutMs: number): Promise<void> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args: ["-i", "--", ...mail.to],
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
  } catch {
    throw new NoticeError(`"${program}" cannot be started`);
  }
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    kill(child);
  }, timeoutMs);
  try {
    const writing = writeAll(child.stdin, mailText(mail, date));
    const { code } = await child.status;
    await writing;
    if (isLate) throw timedOut();
    if (code !== 0) throw new NoticeError(`"${program}" ended with ${code}`);
  } finally {
    clearTimeout(timer);
  }
}

/** A program that does not read to the end says so by its exit code. */
async function writeAll(stdin: WritableStream<Uint8Array>, text: string): Promise<void> {
  try {
    const writer = stdin.getWriter();
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // it has ended just now
  }
}
