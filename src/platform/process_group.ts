import { atLeast } from "../base/at_least.ts";

/**
 * Starts a program, without a shell, as the leader of a process group of its own: {@link killAll} ends it with all that it has started. What
 * it prints comes through pipes. Throws as Deno does; {@link startFault} says why.
 */
export function startGroup(
  command: readonly string[],
  options: Pick<Deno.CommandOptions, "env" | "stdin">,
): Deno.ChildProcess {
  const [program, ...args] = atLeast(1, command);
  return new Deno.Command(program, { ...options, args, stdout: "piped", stderr: "piped", detached: true })
    .spawn();
}

/** Why a program could not be started, for a message. Throws what is no error of starting it. */
export function startFault(error: unknown): string {
  if (!(error instanceof Error)) throw error;
  return error instanceof Deno.errors.NotFound ? "there is no such program" : error.message;
}

/** Kills a child that leads a process group of its own, with all that it has started. One that has ended is no fault. */
export function killAll(child: Deno.ChildProcess): void {
  try {
    Deno.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    try {
      child.kill("SIGKILL");
    } catch (gone) {
      if (!(gone instanceof TypeError || gone instanceof Deno.errors.NotFound)) throw gone;
    }
  }
}
