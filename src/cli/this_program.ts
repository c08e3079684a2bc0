import { fileURLToPath } from "node:url";

/** How this program is started: the executable, or Deno with the source. */
export function thisProgram(): string[] {
  const path = Deno.execPath();
  if (!/\/deno$/.test(path)) return [path];
  return [path, "run", "-A", "--no-prompt", "--config", source("deno.json"), source("main.ts")];
}

function source(name: string): string {
  return fileURLToPath(new URL(`../../${name}`, import.meta.url));
}
