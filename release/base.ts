import { dirname, join } from "node:path";
import { ROOT, run } from "../bench/packages.ts";
import { withoutPayload } from "./payload.ts";
import type { Platform } from "./targets.ts";

const PACKAGE = "bids-validator-deno";

/**
 * Path of the base of executables for `platform`, kept in `cache`. It is taken out of a program that a Python package ships; the package is
 * pinned by its hash in `.ci/denort.txt`. `DENO_COMPILE` (from `.ci/denort`) is beside the pip that fetches it.
 */
export async function findBase(platform: Platform, cache: string): Promise<string> {
  const path = join(cache, `denort-${platform.target}`);
  if (await Deno.stat(path).then(() => true, () => false)) return path;
  const scratch = await Deno.makeTempDir({ prefix: "vaultik-base-" });
  try {
    const pins = join(scratch, "pins.txt");
    await Deno.writeTextFile(pins, pinsOf(await Deno.readTextFile(join(ROOT, ".ci/denort.txt")), PACKAGE));
    await run(join(dirname(Deno.env.get("DENO_COMPILE") ?? "/usr/bin/deno"), "pip"), [
      ...["download", "-q", "--no-deps", "--only-binary=:all:", "--platform", platform.wheels],
      ...["--require-hashes", "-d", scratch, "-r", pins],
    ]);
    const wheel = [...Deno.readDirSync(scratch)].find(({ name }) => name.endsWith(".whl"))!.name;
    await run("python3", ["-m", "zipfile", "-e", join(scratch, wheel), join(scratch, "wheel")]);
    const program = await Deno.readFile(findProgram(join(scratch, "wheel"))!);
    await Deno.writeFile(`${path}.new`, withoutPayload(program), { mode: 0o755 });
    await Deno.rename(`${path}.new`, path);
    return path;
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

/** The lines of one package in a list of pip's. */
export function pinsOf(list: string, name: string): string {
  const lines = list.split("\n");
  const first = lines.findIndex((line) => line.startsWith(`${name}==`));
  const after = lines.slice(first + 1).findIndex((line) => !line.startsWith("  "));
  return lines.slice(first, after < 0 ? undefined : first + 1 + after).join("\n") + "\n";
}

function findProgram(folder: string): string | undefined {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    const found = isDirectory ? findProgram(path) : name === PACKAGE ? path : undefined;
    if (found !== undefined) return found;
  }
}
