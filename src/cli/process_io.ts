import { EnvironmentError } from "../base/errors.ts";
import { askSecretly } from "../platform/secret_prompt.ts";
import type { Io } from "./io.ts";

/** The `Io` of this process. */
export function processIo(signal: AbortSignal): Io {
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

interface Writable {
  writeSync(bytes: Uint8Array): number;
}

/**
 * Once the other end is closed (`| head`) the rest is dropped: a backup does not die with the one who watched it. Every other fault
 * goes to `failed`.
 */
export function writerTo(file: Writable, failed: (cause: unknown) => void): (text: string) => void {
  const encoder = new TextEncoder();
  const write = bytesTo(file, failed);
  return (text) => void write(encoder.encode(text));
}

/** As {@link writerTo}, for bytes; says whether the other end is still open. */
export function bytesTo(
  file: Writable,
  failed: (cause: unknown) => void,
): (bytes: Uint8Array) => boolean {
  let isOpen = true;
  return (bytes) => {
    let rest = bytes;
    while (isOpen && rest.length > 0) {
      try {
        rest = rest.subarray(file.writeSync(rest));
      } catch (error) {
        if (error instanceof Deno.errors.WouldBlock) pause();
        else if (error instanceof Deno.errors.BrokenPipe) isOpen = false;
        else {
          failed(error);
          return isOpen;
        }
      }
    }
    return isOpen;
  };
}

/** For the rare pipe that someone else made non-blocking. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
}

function columns(): number {
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80;
  }
}
