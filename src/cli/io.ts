import type { LogFormat } from "../report/log_text.ts";

/** What a command sees of its process, so that a test can be one. */
export interface Io {
  /** What no one reads any more is dropped; throws `EnvironmentError` when it cannot be written. */
  stdout(text: string): void;
  /** As {@link stdout}; whether someone still reads. */
  stdoutBytes(bytes: Uint8Array): boolean;
  /** Does not throw. */
  stderr(text: string): void;
  /** An environment variable; empty counts as absent. */
  env(name: string): string | undefined;
  /** Asks the user and gives the line typed, empty at its end; absent where there is no terminal. */
  ask?(question: string): Promise<string>;
  /** Asks at the terminal for what must not be seen; `undefined`, or absent, where there is none. */
  askSecret?(question: string): Promise<string | undefined>;
  /** What is piped into the process; absent where that is a terminal. */
  stdin?(): ReadableStream<Uint8Array>;
  /** How messages are written where no terminal is; absent: as text. A configuration may change it. */
  readonly log?: { format: LogFormat };
  readonly isTerminal: { readonly stdout: boolean; readonly stderr: boolean };
  /** Width of the terminal. */
  columns(): number;
  now(): Date;
  /** Aborted with an `InterruptedError` when the user or the service manager asks to stop. */
  readonly signal: AbortSignal;
  /** Calls `handler` for each such signal until it is disposed of. */
  onSignal(name: "SIGHUP" | "SIGUSR2", handler: () => void): Disposable;
}
