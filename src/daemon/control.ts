import { EnvironmentError, NotFoundError, UnavailableError } from "../base/errors.ts";
import { type DaemonStatus, type Outcome, OUTCOMES } from "./status.ts";

/** What a running daemon is asked over its socket: one line of JSON each way. */
export interface Control {
  status(): DaemonStatus & { readonly pid: number };
  /** Resolves when the run has ended, with what came of it. */
  runNow(): Promise<Outcome>;
}

interface Request {
  readonly command: "status" | "run-now";
  /** Answer when the run has ended, not when it is accepted. */
  readonly wait?: boolean;
}

/** The kernel's limit for the path of a socket. */
const PATH_BYTES_MAX = 107;
const REQUEST_BYTES_MAX = 1_000;
/** A status names what is watched and each snapshot. */
const ANSWER_BYTES_MAX = 64 << 20;
/** A daemon that is alive answers at once. */
const ANSWER_MS = 10_000;

export function controlPath(indexPath: string): string {
  return `${indexPath}.sock`;
}

/** The file that the daemon of an index is locked by. */
export function lockPath(indexPath: string): string {
  return `${indexPath}.lock`;
}

/** Files that a daemon makes beside its index. */
export function daemonFiles(indexPath: string): string[] {
  return [controlPath(indexPath), lockPath(indexPath)];
}

/**
 * Answers requests at `path`, which only the owner can open, until disposed of. What is there already is left over from a process that
 * ended without notice: the caller has made sure that no other daemon lives.
 */
export function serveControl(path: string, control: Control): AsyncDisposable {
  if (new TextEncoder().encode(path).length > PATH_BYTES_MAX) {
    throw new EnvironmentError(
      `Cannot listen at "${path}": the path of a socket has at most ${PATH_BYTES_MAX} bytes; choose a shorter index_path`,
    );
  }
  const listener = listenPrivately(path);
  const serving = serve(listener, control);
  return {
    async [Symbol.asyncDispose]() {
      listener.close();
      remove(path);
      await serving;
    },
  };
}

function listenPrivately(path: string): Deno.Listener<Deno.UnixConn> {
  remove(path);
  const mask = Deno.umask(0o177);
  try {
    return Deno.listen({ transport: "unix", path });
  } catch (cause) {
    throw new EnvironmentError(`Cannot listen at "${path}"`, { cause });
  } finally {
    Deno.umask(mask);
  }
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function serve(listener: Deno.Listener<Deno.UnixConn>, control: Control): Promise<void> {
  const open = new Set<Deno.UnixConn>();
  for await (const connection of listener) {
    open.add(connection);
    // Whoever asks may go away at any moment, which is no concern of the daemon.
    answer(connection, control).catch(() => {}).finally(() => {
      open.delete(connection);
      close(connection);
    });
  }
  for (const connection of open) close(connection);
}

function close(connection: Deno.UnixConn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

async function answer(connection: Deno.UnixConn, control: Control): Promise<void> {
  const { command, wait } = JSON.parse(await readLine(connection, REQUEST_BYTES_MAX)) as Request;
  if (command === "status") return await writeLine(connection, control.status());
  if (command !== "run-now") return await writeLine(connection, { error: `there is no command ${command}` });
  const run = control.runNow();
  await writeLine(connection, wait ? { outcome: await run } : {});
}

/** Throws as {@link ask}. */
export async function askStatus(path: string): Promise<ReturnType<Control["status"]>> {
  const answer = await ask(path, { command: "status" }, AbortSignal.timeout(ANSWER_MS));
  const { state, snapshots, pid } = answer;
  if (typeof state === "string" && Array.isArray(snapshots) && typeof pid === "number") {
    return answer as never;
  }
  throw misunderstood(path);
}

/** Starts a run; with `wait` resolves when it has ended, with what came of it. Throws as {@link ask}. */
export async function askRunNow(
  path: string,
  wait: boolean,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const request = { command: "run-now", wait } as const;
  const { outcome } = await ask(path, request, wait ? signal : AbortSignal.timeout(ANSWER_MS));
  if (!wait) return undefined;
  if (isOutcome(outcome)) return outcome;
  throw misunderstood(path);
}

function isOutcome(value: unknown): value is Outcome {
  return OUTCOMES.some((outcome) => outcome === value);
}

function misunderstood(path: string): UnavailableError {
  return new UnavailableError(
    `Cannot ask the daemon at "${path}": its answer is not understood; is it of another version? Then start it again`,
  );
}

/** Throws `NotFoundError` where no daemon runs, `UnavailableError` where it does not answer. */
async function ask(path: string, request: Request, signal: AbortSignal): Promise<Record<string, unknown>> {
  const connection = await connect(path);
  const stop = () => close(connection);
  signal.addEventListener("abort", stop);
  try {
    await writeLine(connection, request);
    return { ...JSON.parse(await readLine(connection, ANSWER_BYTES_MAX)) };
  } catch (cause) {
    throw new UnavailableError(`Cannot ask the daemon at "${path}": it does not answer`, { cause });
  } finally {
    signal.removeEventListener("abort", stop);
    close(connection);
  }
}

async function connect(path: string): Promise<Deno.UnixConn> {
  try {
    return await Deno.connect({ transport: "unix", path });
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.ConnectionRefused) {
      throw new NotFoundError(`Cannot find a daemon at "${path}": none is running`, { cause });
    }
    throw new EnvironmentError(`Cannot connect to the daemon at "${path}"`, { cause });
  }
}

async function readLine(connection: Deno.UnixConn, bytesMax: number): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(4096);
  for (let text = "";;) {
    const length = await connection.read(buffer);
    if (length === null) throw new Error("The connection was closed");
    text += decoder.decode(buffer.subarray(0, length), { stream: true });
    const end = text.indexOf("\n");
    if (end >= 0) return text.slice(0, end);
    if (text.length > bytesMax) throw new Error("The line is too long");
  }
}

async function writeLine(connection: Deno.UnixConn, value: unknown): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify(value) + "\n");
  for (let written = 0; written < bytes.length;) written += await connection.write(bytes.subarray(written));
}
