import { atLeast } from "../../src/base/at_least.ts";
import { run } from "../../src/cli/app.ts";
import type { Io } from "../../src/cli/io.ts";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly isTerminal?: boolean;
  /** What the user types, a line each; with it there is a person to ask. */
  readonly answers?: readonly string[];
  /** What a person at the terminal types who is asked for a secret. */
  readonly secret?: (question: string) => string;
  readonly signal?: AbortSignal;
  /** What is piped in. */
  readonly stdin?: string;
  /** Takes what is written to standard output as bytes. */
  readonly bytes?: Uint8Array[];
  /** Is given what is written to standard output. */
  readonly onStdout?: (text: string) => void;
  /** The clock of the machine; default: the right one. */
  readonly now?: () => Date;
}

/** Runs the program with `argv` in this process, apart from the environment and the terminal of the test. */
export async function vaultik(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { io, printed } = testIo(options);
  const code = await run(argv, io);
  return { code, ...printed };
}

export function testIo(options: RunOptions = {}): { io: Io; printed: { stdout: string; stderr: string } } {
  const printed = { stdout: "", stderr: "" };
  const isTerminal = options.isTerminal ?? false;
  const answers = options.answers?.values();
  const io: Io = {
    stdout: (text) => {
      printed.stdout += text;
      options.onStdout?.(text);
    },
    stdoutBytes: (bytes) => {
      options.bytes?.push(bytes.slice());
      return true;
    },
    stderr: (text) => void (printed.stderr += text),
    askSecret: (question) => Promise.resolve(options.secret?.(question)),
    stdin: () => new Blob([options.stdin ?? ""]).stream(),
    env: (name) => options.env?.[name] || undefined,
    ask: answers && ((question) => {
      const { value } = answers.next();
      printed.stderr += `${question}${value ?? ""}\n`;
      return Promise.resolve(value === undefined ? "" : `${value}\n`);
    }),
    isTerminal: { stdout: isTerminal, stderr: isTerminal },
    log: { format: "text" },
    columns: () => 80,
    now: options.now ?? (() => new Date()),
    signal: options.signal ?? new AbortController().signal,
    onSignal: () => ({ [Symbol.dispose]() {} }),
  };
  return { io, printed };
}

/** Runs `work` with a fresh directory that is removed afterwards. */
export async function inDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "vaultik-cli-" });
  try {
    await work(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** The directory of the only host in a directory store. */
export function hostDirectory(store: string): string {
  const [{ name }] = atLeast(1, [...Deno.readDirSync(`${store}/hosts`)]);
  return `${store}/hosts/${name}`;
}
