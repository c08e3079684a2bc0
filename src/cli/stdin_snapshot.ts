import { readRules } from "../model/selection.ts";
import { EnvironmentError, UsageError } from "../base/errors.ts";
import { noteProgress } from "../base/progress.ts";
import type { Config } from "../config/config.ts";
import type { SnapshotConfig } from "../config/snapshots.ts";
import { normalizePath } from "../model/path.ts";
import type { OpenedStream, StreamSource } from "../operations/backup/options.ts";
import { commandSource } from "./command_source.ts";
import type { Io } from "./io.ts";

export interface StdinFlags {
  readonly stdin?: string;
  readonly stdinFromCommand?: boolean;
  readonly name?: string;
}

/** A backup of one file that comes through a pipe, or from a command given on the command line. */
export interface StdinSnapshot {
  readonly snapshot: SnapshotConfig;
  readonly source: StreamSource;
}

/** Of a pipe and of what it is made into, where no other is named. */
const DEFAULT_SET = "stdin";
const COMMAND_TIMEOUT_MS = 7 * 24 * 3600 * 1000;
/** Whoever writes to the pipe may take long, which is no hang. */
const NOTE_PROGRESS_MS = 60_000;

/** What `--stdin` asks for, with the words beside it; `undefined` without it. Throws `UsageError`. */
export function stdinSnapshot(
  flags: StdinFlags,
  words: readonly string[],
  config: Config,
  io: Io,
): StdinSnapshot | undefined {
  if (flags.stdin === undefined) {
    if (!flags.stdinFromCommand && flags.name === undefined) return undefined;
    throw new UsageError("Cannot back up a stream: --stdin NAME says what its file is to be called");
  }
  const path = pathFor(flags.stdin);
  const snapshot = snapshotFor(flags.name ?? DEFAULT_SET, config);
  if (!flags.stdinFromCommand) {
    if (words.length === 0) return { snapshot, source: pipeSource(path, io) };
    throw new UsageError(
      "Cannot back up source sets and a pipe together; for a command add --stdin-from-command",
    );
  }
  if (words.length === 0) {
    throw new UsageError("Cannot back up a command: write it at the end, after --stdin-from-command --");
  }
  const source = commandSource({
    path,
    stages: [words],
    env: {},
    envFiles: {},
    timeoutMs: COMMAND_TIMEOUT_MS,
  });
  return { snapshot, source };
}

function pathFor(name: string): string {
  const path = normalizePath(`/${name}`);
  if (path !== "/" && !name.includes("\0")) return path;
  throw new UsageError(`Cannot back up a stream as ${JSON.stringify(name)}: allowed is the name of a file`);
}

function snapshotFor(name: string, { snapshots, guard }: Config): SnapshotConfig {
  if (snapshots.some((snapshot) => snapshot.name === name)) {
    throw new UsageError(
      `Cannot back up a stream as ${name}: the configuration has a source set of that name; choose another --name`,
    );
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/.test(name)) {
    throw new UsageError(
      `Cannot back up a stream as ${
        JSON.stringify(name)
      }: allowed are 1 to 64 letters, digits, dots and dashes`,
    );
  }
  return { name, paths: [], aliases: [], commands: [], sqlite: [], exclude: [], guard, ...readRules({}) };
}

function pipeSource(path: string, io: Io): StreamSource {
  let isOpened = false;
  return {
    path,
    open() {
      if (isOpened) {
        throw new EnvironmentError(
          "Cannot read standard input a second time; do: run the whole command again",
        );
      }
      isOpened = true;
      return openPipe(io);
    },
  };
}

/** An empty pipe is what a program leaves that could not begin: it is no backup. */
function openPipe({ stdin }: Io): OpenedStream {
  if (stdin === undefined) {
    throw new UsageError("Cannot read standard input: it is a terminal; pipe something into it");
  }
  let count = 0;
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      count += piece.length;
      controller.enqueue(piece);
    },
  });
  const waiting = setInterval(noteProgress, NOTE_PROGRESS_MS);
  return {
    bytes: stdin().pipeThrough(counting),
    ended: () =>
      Promise.resolve(count === 0 ? "standard input was empty: did its producer fail?" : undefined),
    [Symbol.dispose]: () => clearInterval(waiting),
  };
}
