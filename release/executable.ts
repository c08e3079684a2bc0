import { build, type BuildOptions, type Plugin, stop } from "npm:esbuild@0.28.2";
import { basename, join } from "node:path";
import { makePage } from "../bench/page.ts";
import { installPackages, ROOT, run } from "../bench/packages.ts";
import { V8_FLAGS } from "../bench/v8_flags.ts";

// Makes the executable. The program is bundled first: an executable that carries npm packages as they are is 30 MB larger, starts
// slower and keeps 35 MiB more in memory.

/** Why all permissions: docs/decisions/permissions.md. */
const COMPILE = [
  "compile",
  "--quiet",
  "-A",
  "--no-prompt",
  "--no-check",
  "--no-config",
  "--no-code-cache",
  V8_FLAGS,
];
/** Some packages inside the bundle still call `require`, for what the runtime has. */
const REQUIRE = "const require=name=>process.getBuiltinModule(name);\n";

function findWorkers(folder = join(ROOT, "src/operations")): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    if (isDirectory) return findWorkers(path);
    return name.endsWith("_worker.ts") ? [path] : [];
  });
}

/** All files end up in one folder, so a worker is beside whatever file starts it. */
async function bundle(scratch: string): Promise<string[]> {
  const nodeModules = await installPackages(scratch);
  const page = await makePage(nodeModules);
  const options: BuildOptions = {
    entryPoints: [join(ROOT, "main.ts"), ...findWorkers()],
    outdir: join(scratch, "bundle"),
    entryNames: "[name]",
    nodePaths: [nodeModules],
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "esnext",
    // Less to read at every start; names stay, for what a stack tells.
    minifyWhitespace: true,
    minifySyntax: true,
    mainFields: ["module", "main"],
    write: false,
    plugins: [asDenoHasIt(page)],
  };
  const { outputFiles = [] } = await build(options);
  await stop();
  await Deno.mkdir(options.outdir!);
  for (const { path, text } of outputFiles) {
    await Deno.writeTextFile(path, /\brequire\b/.test(text) ? REQUIRE + text : text);
  }
  return outputFiles.map(({ path }) => path);
}

/** Reads what Deno imports and esbuild does not know, names workers as they are in the bundle, and builds `page` in. */
function asDenoHasIt(page: string): Plugin {
  return {
    name: "deno",
    setup({ onLoad, onResolve }) {
      // Commander would start other programs as subcommands, which no command here is; what it has for that takes 10 ms to read.
      onResolve({ filter: /^node:(fs|child_process)$/ }, ({ importer }) => {
        return /\/commander\//.test(importer) ? { path: "none", namespace: "none" } : undefined;
      });
      onLoad({ filter: /^/, namespace: "none" }, () => ({ contents: "export default {};" }));
      onLoad(
        { filter: /\.sql$/ },
        async ({ path }) => ({ contents: await Deno.readFile(path), loader: "text" }),
      );
      onLoad({ filter: /\/src\/cli\/built_in_page\.ts$/ }, () => ({
        contents: `export const builtInPage = ${JSON.stringify(page)};`,
      }));
      onLoad({ filter: /\/src\/operations\/.*\.ts$/ }, async ({ path }) => ({
        contents: (await Deno.readTextFile(path)).replace(/_worker\.ts"/g, '_worker.js"'),
        loader: "ts",
      }));
    },
  };
}

export interface Target {
  /** As Deno calls it: `aarch64-unknown-linux-gnu`. Absent: this machine's. */
  readonly name?: string;
  /** The executable that is written. */
  readonly output: string;
  /** The base of the executable, of the version of `DENO_COMPILE`. Absent: what `DENORT_BIN` names, else Deno downloads it. */
  readonly base?: string;
}

/** Bundles the program once and makes an executable of it for each target. */
export async function makeExecutables(targets: readonly Target[]): Promise<void> {
  const scratch = await Deno.makeTempDir({ prefix: "vaultik-compile-" });
  try {
    const files = await bundle(scratch);
    for (const target of targets) await compile(files, target);
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

async function compile(files: readonly string[], { name, output, base }: Target): Promise<void> {
  const main = files.find((file) => basename(file) === "main.js")!;
  const included = files.filter((file) => file !== main).flatMap((file) => ["--include", file]);
  const target = name === undefined ? [] : ["--target", name];
  // The base of the executable belongs to one version of Deno: DENO_COMPILE names it where there is such a base.
  const deno = Deno.env.get("DENO_COMPILE") ?? Deno.execPath();
  const env: Record<string, string> = base === undefined ? {} : { DENORT_BIN: base };
  await run(deno, [...COMPILE, ...target, ...included, "--output", output, main], { env });
  const { size } = await Deno.stat(output);
  console.log(`${output} (${(size / 1e6).toFixed(1)} MB)`);
}

if (import.meta.main) await makeExecutables([{ output: join(ROOT, "dist/vaultik") }]);
