import { builtinModules } from "node:module";
import { join } from "node:path";
import { ROOT } from "../bench/packages.ts";
import { atLeast } from "../src/base/at_least.ts";

/** An npm package in the executable. */
export interface Dependency {
  readonly name: string;
  readonly version: string;
  /** SHA-512 of the package as npm serves it, in base64. */
  readonly sha512: string;
}

interface Lock {
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<Record<string, { integrity: string; dependencies?: readonly string[] }>>;
}

/**
 * The packages that the sources import, and what these need, sorted by name. Versions and hashes are those of deno.lock. What only tests and
 * tools use is not among them.
 */
export function findDependencies(root = ROOT): Dependency[] {
  const lock: Lock = JSON.parse(Deno.readTextFileSync(join(root, "deno.lock")));
  const { imports }: { imports: Readonly<Record<string, string>> } = JSON.parse(
    Deno.readTextFileSync(join(root, "deno.json")),
  );
  const found = new Map<string, Dependency>();
  const add = (key: string): void => {
    if (found.has(key)) return;
    const entry = lock.npm[key]!;
    const at = key.lastIndexOf("@");
    found.set(key, {
      name: key.slice(0, at),
      version: key.slice(at + 1),
      sha512: entry.integrity.replace(/^sha512-/, ""),
    });
    for (const needed of entry.dependencies ?? []) add(keyOf(lock, needed));
  };
  for (const name of importedNames(root)) {
    const specifier = imports[name]!;
    if (specifier === undefined) throw new Error(`"${name}" is imported and not in deno.json`);
    add(`${name}@${lockedVersion(lock, specifier)}`);
  }
  return [...found.values()].sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

function lockedVersion(lock: Lock, specifier: string): string {
  const version = lock.specifiers[specifier] ?? lock.specifiers[specifier.replace("@^", "@")];
  if (version === undefined) throw new Error(`deno.lock does not have ${specifier}`);
  return version;
}

/** A dependency is named with its version only where the lock has several of it. */
function keyOf(lock: Lock, needed: string): string {
  if (lock.npm[needed] !== undefined) return needed;
  const key = Object.keys(lock.npm).find((key) => key.slice(0, key.lastIndexOf("@")) === needed);
  if (key === undefined) throw new Error(`deno.lock does not have ${needed}`);
  return key;
}

/** The specifier of an import, dynamic or not, that is no path. */
const IMPORT = /\b(?:from|import)\s*\(?\s*["']([@a-z][^"']*)["']/g;

function importedNames(root: string): Set<string> {
  const names = new Set<string>();
  for (
    const path of [
      join(root, "main.ts"),
      ...sourcesBelow(join(root, "src")),
      ...sourcesBelow(join(root, "page")),
    ]
  ) {
    for (const match of Deno.readTextFileSync(path).matchAll(IMPORT)) {
      const [, specifier] = atLeast(2, match);
      if (specifier.startsWith("node:") || builtinModules.includes(specifier)) continue;
      names.add(specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/"));
    }
  }
  return names;
}

function sourcesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    return isDirectory ? sourcesBelow(path) : name.endsWith(".ts") ? [path] : [];
  });
}
