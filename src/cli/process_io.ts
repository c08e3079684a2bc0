import { EnvironmentError } from "../base/errors.ts";
import { askSecretly } from "../platform/secret_prompt.ts";
import type { Io } from "./io.ts";
import { bytesTo, writerTo } from "./stream_writers.ts";

/** The `Io` of this process. A signal that a command has had a handler for is in `taken`. */
export function processIo(signal: AbortSignal, taken = new Set<string>()): Io {
  const stdoutBytes = bytesTo(Deno.stdout, (cause) => {
    throw new EnvironmentError("Cannot write to standard output", { cause });
  });
  const encoder = new TextEncoder();
  return {
    stdout: (text) => void stdoutBytes(encoder.encode(text)),
    stdoutBytes,
    stderr: writerTo(Deno.stderr, () => {}),
    ask: Deno.stdin.isTerminal() && Deno.stderr.isTerminal() ? ask : undefined,
    askSecret: (question) => askSecretly(question, signal),
    stdin: Deno.stdin.isTerminal() ? undefined : () => Deno.stdin.readable,
    env: (name) => Deno.env.get(name) || undefined,
    isTerminal: { stdout: Deno.stdout.isTerminal(), stderr: Deno.stderr.isTerminal() },
    log: { format: isJournal(2) ? "journal" : "text" },
    columns,
    now: () => new Date(),
    signal,
    onSignal(name, handler) {
      taken.add(name);
      Deno.addSignalListener(name, handler);
      return { [Symbol.dispose]: () => Deno.removeSignalListener(name, handler) };
    },
  };
}

/** Whether a descriptor leads to journald, as it says itself (systemd.exec(5)). */
function isJournal(fd: number): boolean {
  const stream = Deno.env.get("JOURNAL_STREAM");
  if (stream === undefined) return false;
  try {
    const { dev, ino } = Deno.statSync(`/proc/self/fd/${fd}`);
    return stream === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

/** A terminal gives a line at a time. */
async function ask(question: string): Promise<string> {
  Deno.stderr.writeSync(new TextEncoder().encode(question));
  const line = new Uint8Array(1024);
  return new TextDecoder().decode(line.subarray(0, await Deno.stdin.read(line) ?? 0));
}

function columns(): number {
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80;
  }
}
