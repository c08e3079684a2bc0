import { EnvironmentError } from "../base/errors.ts";
import { killAll, startFault, startGroup } from "./process_group.ts";

export interface FeedOptions {
  /** Given what the program prints, and what it prints as errors. */
  readonly out: (bytes: Uint8Array) => void;
  readonly err: (bytes: Uint8Array) => void;
  /** Kills the program when it aborts. */
  readonly signal: AbortSignal;
}

/** How a program ended. */
export interface Fed {
  /** 128 and more where a signal ended it. */
  readonly code: number;
  /** Whether it stopped reading before the end. */
  readonly isCutOff: boolean;
}

/**
 * Runs a program, without a shell, with `pieces` for its standard input. It is started when the first piece is there. Where `pieces` throws, or
 * the signal aborts, the program is killed with all that it has started before its input ends, so that it cannot take a part for the
 * whole; the error is then thrown. Throws `EnvironmentError` where it cannot be started.
 */
export async function feed(
  command: readonly string[],
  pieces: AsyncIterable<Uint8Array>,
  { out, err, signal }: FeedOptions,
): Promise<Fed> {
  const iterator = pieces[Symbol.asyncIterator]();
  const first = await iterator.next();
  const child = start(command);
  const printed = Promise.all([drain(child.stdout, out), drain(child.stderr, err)]);
  printed.catch(() => {});
  let hasEnded = false;
  const ended = child.status.finally(() => hasEnded = true);
  const kill = () => {
    if (!hasEnded) killAll(child);
  };
  signal.addEventListener("abort", kill, { once: true });
  try {
    const isCutOff = !await write(child.stdin, iterator, first, signal);
    const { code } = await ended;
    signal.throwIfAborted();
    await printed;
    return { code, isCutOff };
  } finally {
    kill();
    signal.removeEventListener("abort", kill);
    await ended;
  }
}

function start(command: readonly string[]): Deno.ChildProcess {
  try {
    return startGroup(command, { stdin: "piped" });
  } catch (cause) {
    throw new EnvironmentError(`Cannot run ${command[0]}: ${startFault(cause)}`, { cause });
  }
}

/** Whether the program took all pieces. Its input is ended only then. */
async function write(
  stdin: WritableStream<Uint8Array>,
  iterator: AsyncIterator<Uint8Array>,
  first: IteratorResult<Uint8Array>,
  signal: AbortSignal,
): Promise<boolean> {
  const writer = stdin.getWriter();
  writer.closed.catch(() => {});
  for (let next = first; !next.done; next = await iterator.next()) {
    signal.throwIfAborted();
    if (!await hasTaken(writer.write(next.value))) return false;
  }
  signal.throwIfAborted();
  return await hasTaken(writer.close());
}

async function hasTaken(writing: Promise<void>): Promise<boolean> {
  try {
    await writing;
    return true;
  } catch (error) {
    // Deno closes the input of a program that has ended: what writes to it then is a `TypeError`.
    if (error instanceof Deno.errors.BrokenPipe || error instanceof TypeError) return false;
    throw error;
  }
}

async function drain(stream: ReadableStream<Uint8Array>, take: (bytes: Uint8Array) => void): Promise<void> {
  for await (const bytes of stream) take(bytes);
}
