import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT, run } from "../bench/packages.ts";
import { VERSION } from "../src/cli/version.ts";
import { findBase } from "./base.ts";
import { makeDeb } from "./deb.ts";
import { makeExecutables } from "./executable.ts";
import { isInstalled } from "./installed.ts";
import { readLicences } from "./licences.ts";
import { makeRpm } from "./rpm.ts";
import { sbomText } from "./sbom.ts";
import { LINUX, MACOS, type Platform } from "./targets.ts";

// Makes dist/release: executables, packages, checksums, bill of materials, and the files to install from them.
//   deno task release [--source URL] [--homepage URL] [--macos] [--only NAME]
// Needs DENO_COMPILE (`.ci/denort` prints it), python3, dpkg-deb, and rpmbuild for .rpm.

const OUTPUT = join(ROOT, "dist/release");

async function makePackages({ name, deb, rpm }: Platform, hasRpm: boolean): Promise<void> {
  const program = join(OUTPUT, `vaultik-${name}`);
  if (deb !== undefined) {
    await makeDeb({
      program,
      version: VERSION,
      architecture: deb,
      output: join(OUTPUT, `vaultik_${VERSION}_${deb}.deb`),
    });
  }
  if (rpm !== undefined && hasRpm) {
    await makeRpm({
      program,
      version: VERSION,
      architecture: rpm,
      output: join(OUTPUT, `vaultik-${VERSION}-1.${rpm}.rpm`),
    });
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(path)) hash.update(bytes);
  return hash.digest("hex");
}

/** Fills in `@NAME@` in the files of release/files. */
async function writeTemplates(values: Readonly<Record<string, string>>): Promise<void> {
  for (const { name } of Deno.readDirSync(join(ROOT, "release/files"))) {
    const text = await Deno.readTextFile(join(ROOT, "release/files", name));
    const filled = text.replace(/@([\w-]+)@/g, (whole, key) => values[key] ?? whole);
    await Deno.writeTextFile(join(OUTPUT, name), filled, { mode: name.endsWith(".sh") ? 0o755 : 0o644 });
  }
}

async function denoVersion(): Promise<string> {
  const deno = Deno.env.get("DENO_COMPILE") ?? Deno.execPath();
  const { stdout } = await new Deno.Command(deno, { args: ["--version"] }).output();
  return /^deno (\S+)/.exec(new TextDecoder().decode(stdout))![1]!;
}

const { values: options } = parseArgs({
  args: Deno.args,
  options: {
    source: { type: "string", default: "" },
    homepage: { type: "string", default: "" },
    macos: { type: "boolean", default: false },
    only: { type: "string" },
  },
});
const platforms = [...LINUX, ...options.macos ? MACOS : []].filter(({ name }) =>
  options.only === undefined || options.only === name
);
const cache = join(ROOT, "dist/bases");
await Deno.remove(OUTPUT, { recursive: true }).catch(() => {}); // there may be none
await Deno.mkdir(OUTPUT, { recursive: true });
await Deno.mkdir(cache, { recursive: true });

const targets = [];
for (const platform of platforms) {
  const output = join(OUTPUT, `vaultik-${platform.name}`);
  targets.push({ name: platform.target, output, base: await findBase(platform, cache) });
}
await makeExecutables(targets);
for (const { target, name } of platforms) {
  // On a base of another Deno it would be made, and not start.
  if (target === Deno.build.target) await run(join(OUTPUT, `vaultik-${name}`), ["version"]);
}
const hasRpm = await isInstalled("rpmbuild");
if (!hasRpm) console.log("rpmbuild is not installed: no .rpm is made");
for (const platform of platforms) await makePackages(platform, hasRpm);

const bom = { version: VERSION, dependencies: await readLicences(), deno: await denoVersion() };
await Deno.writeTextFile(join(OUTPUT, "vaultik.cdx.json"), sbomText(bom));
const names = [...Deno.readDirSync(OUTPUT)].map(({ name }) => name).sort();
const sums = new Map<string, string>();
for (const name of names) sums.set(name, await sha256Of(join(OUTPUT, name)));
await Deno.writeTextFile(
  join(OUTPUT, "SHA256SUMS"),
  [...sums].map(([name, sum]) => `${sum}  ${name}\n`).join(""),
);
await writeTemplates({
  SOURCE: options.source,
  HOMEPAGE: options.homepage,
  VERSION,
  ...Object.fromEntries(platforms.map(({ name }) => [`SHA256_${name}`, sums.get(`vaultik-${name}`)!])),
});
console.log(`${OUTPUT}: ${[...Deno.readDirSync(OUTPUT)].map(({ name }) => name).sort().join(", ")}`);
