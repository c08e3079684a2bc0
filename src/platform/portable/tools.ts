import { EIO, ENOSYS, EPERM } from "../numbers.ts";
import { Refusal } from "./failure.ts";

/** Runs a program of the system that does what the runtime cannot; one that fails is most often not allowed to. */
export function runTool(program: string, args: readonly string[]): void {
  let output: Deno.CommandOutput;
  try {
    output = new Deno.Command(program, { args: [...args], stdin: "null" }).outputSync();
  } catch (error) {
    throw new Refusal(error instanceof Deno.errors.NotFound ? ENOSYS : EIO);
  }
  if (!output.success) throw new Refusal(EPERM);
}
