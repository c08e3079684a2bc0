import { delay } from "../base/clock.ts";
import { noteProgress } from "../base/progress.ts";
import { formatDuration } from "../base/units.ts";
import { killAll, startFault, startGroup } from "./process_group.ts";
import { tailOf } from "./shell.ts";

export interface PipelineOptions {
  /** Beside the environment of this process. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** How long a program may take to end once it has printed everything, … */
const LEFT_RUNNING_MS = 60_000;
/** … and how long what it left running may keep its errors open. */
const LEFT_OPEN_MS = 1000;
/** A command has a time-out of its own, and is no hang before that. */
const NOTE_PROGRESS_MS = 60_000;
/** Of what a command printed as errors. */
const SHOWN_CHARACTERS = 400;

interface Stage {
  readonly label: string;
  readonly child: Deno.ChildProcess;
  /** End of what it printed as errors. */
  readonly errors: Promise<string>;
  /** A process that has ended must not be killed: its number may be another one's by now. */
  hasEnded: boolean;
}

/**
 * Programs of which each reads what the one before prints, started without a shell: each stage is a program and its arguments. Whoever
 * reads `bytes` to their end and then finds no fault in {@link ended} has all that there was.
 */
export class Pipeline implements Disposable {
  /** What the last stage prints. Where no one reads, the programs wait. */
  readonly bytes: ReadableStream<Uint8Array>;
  readonly #stages: Stage[] = [];
  readonly #timeoutMs: number;
  readonly #closed = new AbortController();
  readonly #timers: readonly ReturnType<typeof setTimeout>[];
  #isLate = false;
  /** Why a stage did not even start. */
  #fault: string | undefined;

  constructor(commands: readonly (readonly string[])[], { env, timeoutMs }: PipelineOptions) {
    this.#timeoutMs = timeoutMs;
    this.#timers = [
      setTimeout(() => this.#expire(), timeoutMs),
      setInterval(noteProgress, NOTE_PROGRESS_MS),
    ];
    this.bytes = this.#start(commands, env);
  }

  /** Waits for all stages to end; why what they printed may not be all, for people. */
  async ended(): Promise<string | undefined> {
    const grace = setTimeout(() => this.#kill(), LEFT_RUNNING_MS);
    const statuses = await Promise.all(this.#stages.map(({ child }) => child.status));
    clearTimeout(grace);
    const errors = Promise.all(this.#stages.map((stage) => stage.errors));
    await Promise.race([errors, delay(LEFT_OPEN_MS, this.#closed.signal).catch(() => {})]);
    this[Symbol.dispose]();
    if (this.#isLate) return `it took longer than ${formatDuration(this.#timeoutMs)} and was killed`;
    if (this.#fault !== undefined) return this.#fault;
    const printed = await errors;
    const faults = this.#stages.map(({ label }, i) => faultOf(label, statuses[i]!, printed[i]!));
    return faults.filter((fault) => fault !== undefined).join("; ") || undefined;
  }

  /** Kills what still runs. */
  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#closed.abort();
    this.#kill();
  }

  #start(
    commands: readonly (readonly string[])[],
    env: Readonly<Record<string, string>>,
  ): ReadableStream<Uint8Array> {
    let input: ReadableStream<Uint8Array> | undefined;
    for (const [i, command] of commands.entries()) {
      const label = commands.length === 1 ? command[0]! : `stage ${i + 1} (${command[0]})`;
      const child = this.#spawn(command, { env, label, hasInput: input !== undefined });
      if (child === undefined) {
        this.#kill();
        void input?.cancel();
        return emptyStream();
      }
      // A stage that stops reading closes the pipe: the one before it learns that by SIGPIPE, as in a shell.
      input?.pipeTo(child.stdin).catch(() => {});
      const stage: Stage = {
        label,
        child,
        errors: tailOf([child.stderr], this.#closed.signal),
        hasEnded: false,
      };
      void child.status.then(() => stage.hasEnded = true);
      this.#stages.push(stage);
      input = child.stdout;
    }
    return input!;
  }

  #spawn(
    command: readonly string[],
    { env, label, hasInput }: {
      readonly env: Readonly<Record<string, string>>;
      readonly label: string;
      readonly hasInput: boolean;
    },
  ): Deno.ChildProcess | undefined {
    try {
      return startGroup(command, { env, stdin: hasInput ? "piped" : "null" });
    } catch (error) {
      this.#fault = `${label} cannot be started: ${startFault(error)}`;
      return undefined;
    }
  }

  #expire(): void {
    this.#isLate = true;
    this.#kill();
  }

  #kill(): void {
    for (const { child, hasEnded } of this.#stages) if (!hasEnded) killAll(child);
  }
}

function faultOf(label: string, { code, signal }: Deno.CommandStatus, printed: string): string | undefined {
  if (signal !== null) return `${label} was killed by ${signal}${lastLines(printed)}`;
  return code === 0 ? undefined : `${label} ended with ${code}${lastLines(printed)}`;
}

function emptyStream(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.close() });
}

/** For a message: the end of what was printed, on one line. */
function lastLines(printed: string): string {
  const text = printed.trim().split("\n").map((line) => line.trim()).filter((line) => line !== "").join("; ");
  if (text === "") return "";
  return `: ${text.length > SHOWN_CHARACTERS ? `…${text.slice(-SHOWN_CHARACTERS)}` : text}`;
}
