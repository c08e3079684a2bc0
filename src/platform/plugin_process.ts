import { UsageError } from "../base/errors.ts";

/** More than any line of the protocol: a plugin that says more is none. */
const LINE_MAX = 64 * 1024;
/** How long it may put its hardware in order when it is no longer wanted. */
const GRACE_MS = 2000;
const LEFT_OPEN_MS = 100;
const COMPLAINT_MAX = 1000;

/**
 * Where `program` is in the directories of a `PATH`; those that are relative are not searched (c2sp.org/age-plugin). A path is what it is.
 * Throws `NotFound`.
 */
export function foundIn(path: string, program: string): string {
  if (program.includes("/")) return program;
  const places = path.split(":").filter((directory) => directory.startsWith("/"));
  const found = places.map((directory) => `${directory}/${program}`).find(isFile);
  if (found === undefined) throw new Deno.errors.NotFound(program);
  return found;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** A program that is spoken with in lines over its stdin and stdout. Disposing of it ends it. */
export class PluginProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;
  readonly #errors: ReadableStreamDefaultReader<Uint8Array>;
  readonly #listening: Promise<void>;
  #complaint = "";
  #text = "";
  #ended: Promise<void> | undefined;

  /** Throws `UsageError` where there is no such program. */
  constructor(program: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    try {
      this.#child = new Deno.Command(foundIn(env.PATH ?? Deno.env.get("PATH") ?? "", program), {
        args: [...args],
        env,
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      })
        .spawn();
    } catch (cause) {
      const state = cause instanceof Deno.errors.NotFound ? "it is not in the PATH" : "it cannot be started";
      throw new UsageError(`Cannot use ${program}: ${state}`, { cause });
    }
    this.#input = this.#child.stdin.getWriter();
    this.#output = this.#child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    this.#errors = this.#child.stderr.getReader();
    this.#listening = this.#listen();
  }

  async write(text: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(text));
  }

  /** The next line, without its end; `undefined` where there is none any more. */
  async readLine(): Promise<string | undefined> {
    for (;;) {
      const end = this.#text.indexOf("\n");
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return line;
      }
      const { value, done } = await this.#output.read();
      if (done || this.#text.length > LINE_MAX) return undefined;
      this.#text += value;
    }
  }

  /** Ends it, and gives the start of what it said on stderr. */
  async complaint(): Promise<string> {
    await this.#end();
    return this.#complaint;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }

  #end(): Promise<void> {
    return this.#ended ??= this.#endOnce();
  }

  async #endOnce(): Promise<void> {
    await this.#input.close().catch(() => {}); // it has ended
    await this.#output.cancel();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), GRACE_MS);
    await this.#child.status;
    clearTimeout(timer);
    // What it started itself may keep stderr open.
    const late = setTimeout(() => void this.#errors.cancel(), LEFT_OPEN_MS);
    await this.#listening;
    clearTimeout(late);
  }

  async #listen(): Promise<void> {
    const decoder = new TextDecoder();
    for (;;) {
      const { value, done } = await this.#errors.read();
      if (done) return;
      if (this.#complaint.length < COMPLAINT_MAX) this.#complaint += decoder.decode(value, { stream: true });
    }
  }
}
