import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { programWords } from "../tests/e2e/vaultik.ts";

/** The executable to measure: the one that was named, else `dist/vaultik`; `undefined` where there is none, for the source. */
export function findBinary(named: string | undefined): string | undefined {
  if (named !== undefined) return resolve(named);
  const made = join(fileURLToPath(new URL("..", import.meta.url)), "dist/vaultik");
  try {
    return Deno.statSync(made).isFile ? made : undefined;
  } catch {
    return undefined;
  }
}

/** The words that start what {@link findBinary} finds; said to who looks at the measurement. */
export function namedProgram(binary: string | undefined): string[] {
  const program = programWords(findBinary(binary));
  console.error(`vaultik is ${program.join(" ")}`);
  return program;
}
