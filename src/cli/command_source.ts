import { EnvironmentError } from "../base/errors.ts";
import type { CommandConfig } from "../config/commands.ts";
import type { OpenedStream, StreamSource } from "../operations/backup/options.ts";
import { Pipeline } from "../platform/pipeline.ts";

/** The file that a configured command is the contents of. */
export function commandSource({ path, stages, env, envFiles, timeoutMs }: CommandConfig): StreamSource {
  return {
    path,
    open() {
      try {
        return new Pipeline(stages, { env: { ...env, ...contentsOf(envFiles) }, timeoutMs });
      } catch (error) {
        if (!(error instanceof EnvironmentError)) throw error;
        return failed(error.message);
      }
    },
  };
}

/** Values without the line feed that editors put at their ends. */
function contentsOf(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([name, path]) => [name, readValue(name, path).replace(/\r?\n$/, "")]),
  );
}

function readValue(name: string, path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw new EnvironmentError(`the value of ${name} cannot be read from ${path}: ${cause.message}`, {
      cause,
    });
  }
}

function failed(reason: string): OpenedStream {
  return {
    bytes: new ReadableStream({ start: (controller) => controller.close() }),
    ended: () => Promise.resolve(reason),
    [Symbol.dispose]() {},
  };
}
