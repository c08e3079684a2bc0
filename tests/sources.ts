import { dirname, join } from "node:path/posix";
import { fileURLToPath } from "node:url";

/** Texts by path. */
export type Sources = ReadonlyMap<string, string>;

export function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");
}

/** Paths of the sources that `path` imports, or starts as workers. */
export function importsOf(path: string, text: string): string[] {
  const patterns = [
    /\bfrom\s*["'](\.[^"']*)["']/g,
    /\bimport\s*\(?\s*["'](\.[^"']*)["']/g,
    /new URL\(\s*["'](\.[^"']*\.ts)["'],\s*import\.meta\.url/g,
  ];
  const found = patterns.flatMap((pattern) => [...withoutComments(text).matchAll(pattern)]);
  return found.map((match) => join(dirname(path), match[1]!)).filter((path) => path.endsWith(".ts"));
}

/** The TypeScript below these folders of the project, and these files. */
export function readSources(...names: readonly string[]): Sources {
  const root = fileURLToPath(new URL("../", import.meta.url));
  const sources = new Map<string, string>();
  const read = (path: string) => sources.set(path, Deno.readTextFileSync(join(root, path)));
  const readFolder = (folder: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(join(root, folder))) {
      if (isDirectory) readFolder(`${folder}/${name}`);
      else if (name.endsWith(".ts")) read(`${folder}/${name}`);
    }
  };
  for (const name of names) name.endsWith(".ts") ? read(name) : readFolder(name);
  return sources;
}
