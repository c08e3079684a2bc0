import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Installs the packages of deno.json, as pinned by deno.lock, where esbuild can find them. */
export async function installPackages(scratch: string): Promise<string> {
  const config = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  const { imports } = config;
  await Deno.writeTextFile(
    join(scratch, "deno.json"),
    JSON.stringify({ imports, nodeModulesDir: "auto" }),
  );
  await Deno.copyFile(join(ROOT, "deno.lock"), join(scratch, "deno.lock"));
  await run(Deno.execPath(), ["install", "--quiet", "--frozen"], { cwd: scratch });
  return join(scratch, "node_modules");
}

/** Throws where it fails. */
export async function run(
  program: string,
  args: string[],
  options: Deno.CommandOptions = {},
): Promise<void> {
  const { success } = await new Deno.Command(program, {
    args,
    ...options,
    stdin: "null",
  }).spawn().status;
  if (!success) throw new Error(`${basename(program)} ${args[0]} failed`);
}
