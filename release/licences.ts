import { join } from "node:path";
import { installPackages, ROOT } from "../bench/packages.ts";
import { type Dependency, findDependencies } from "./dependencies.ts";

// Writes docs/licences.md. Which packages there are comes from deno.lock, their licences from the packages themselves.

const HEAD = `# Licences

Vaultik is under the [MIT licence](../LICENSE). Its executable contains the npm packages below, made by \`deno task licences\` from \`deno.lock\`, and
[Deno](https://github.com/denoland/deno) (MIT) with V8 (BSD-3-Clause), SQLite (public domain) and zstd (BSD-3-Clause).

| package | version | licence |
| --- | --- | --- |
`;

export function licencesPage(licences: readonly (Dependency & { readonly licence: string })[]): string {
  return HEAD +
    licences.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |\n`).join("");
}

export async function readLicences(): Promise<(Dependency & { readonly licence: string })[]> {
  const scratch = await Deno.makeTempDir({ prefix: "vaultik-licences-" });
  try {
    const modules = await installPackages(scratch);
    return findDependencies().map((dependency) => ({
      ...dependency,
      licence: licenceOf(modules, dependency),
    }));
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

function licenceOf(modules: string, { name, version }: Dependency): string {
  const folder = `${name.replace("/", "+")}@${version}`;
  const path = join(modules, ".deno", folder, "node_modules", name, "package.json");
  const { license } = JSON.parse(Deno.readTextFileSync(path));
  if (typeof license !== "string") throw new Error(`${name}@${version} does not say its licence`);
  return license;
}

if (import.meta.main) {
  await Deno.writeTextFile(join(ROOT, "docs/licences.md"), licencesPage(await readLicences()));
}
