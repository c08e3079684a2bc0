import { delay } from "../base/clock.ts";
import { noteProgress } from "../base/progress.ts";
import { killAll, startGroup } from "./process_group.ts";

export interface ShellOptions {
  /** Beside the environment of this process. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Ends the command when it aborts. */
  readonly signal?: AbortSignal;
}

export interface ShellResult {
  /** 128 and more where a signal ended it. */
  readonly code: number;
  readonly isLate: boolean;
  /** End of what it printed on stdout and stderr, at most {@link OUTPUT_MAX} characters. */
  readonly output: string;
}

export const OUTPUT_MAX = 4096;
/** How long what a command left running may keep its output open. */
const LEFT_OPEN_MS = 1000;
/** A command has a time-out of its own, and is no hang before that. */
const NOTE_PROGRESS_MS = 60_000;

/** Runs `command` by `/bin/sh`; see {@link runCommand}. */
export function runShell(command: string, options: ShellOptions): Promise<ShellResult> {
  return runCommand(["/bin/sh", "-c", command], options);
}

/**
 * Runs a program with its arguments. When its time is over, or the signal aborts, it is killed with all that it has started. Throws where
 * there is no such program.
 */
export async function runCommand(
  command: readonly string[],
  { env, timeoutMs, signal }: ShellOptions,
): Promise<ShellResult> {
  const child = startGroup(command, { env, stdin: "null" });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    killAll(child);
  }, timeoutMs);
  const waiting = setInterval(noteProgress, NOTE_PROGRESS_MS);
  const onAbort = () => killAll(child);
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) onAbort();
  const ended = new AbortController();
  const output = tailOf([child.stdout, child.stderr], ended.signal);
  try {
    const { code } = await child.status;
    const waited = new AbortController();
    const grace = delay(LEFT_OPEN_MS, waited.signal).then(() => ended.abort(), () => {});
    const text = await output;
    waited.abort();
    await grace;
    return { code, isLate, output: text };
  } finally {
    clearTimeout(timer);
    clearInterval(waiting);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** The end of what comes from `streams`, at most {@link OUTPUT_MAX} characters, until they end or `stop` aborts. */
export async function tailOf(
  streams: readonly ReadableStream<Uint8Array>[],
  stop: AbortSignal,
): Promise<string> {
  let text = "";
  await Promise.all(streams.map(async (stream) => {
    const reader = stream.getReader();
    const onStop = () => void reader.cancel();
    stop.addEventListener("abort", onStop, { once: true });
    const decoder = new TextDecoder();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      text = (text + decoder.decode(read.value, { stream: true })).slice(-OUTPUT_MAX);
    }
    stop.removeEventListener("abort", onStop);
  }));
  return text.trimEnd();
}
