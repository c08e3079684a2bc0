import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A line that a page tells its reader to type. */
export interface Typed {
  /** From the root of the project. */
  readonly page: string;
  readonly line: string;
}

/** Every page of documentation. */
export function pagesBelow(folder = ROOT): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory, isFile }) => {
    if (isDirectory) {
      return [".git", "node_modules", "dist"].includes(name) ? [] : pagesBelow(join(folder, name));
    }
    return isFile && name.endsWith(".md") ? [join(folder, name)] : [];
  });
}

/** Lines of indented and fenced blocks, without comments. */
function blockLines(page: string): string[] {
  let isFenced = false;
  return Deno.readTextFileSync(page).split("\n").flatMap((line) => {
    if (/^\s*```/.test(line)) {
      isFenced = !isFenced;
      return [];
    }
    if (!isFenced && !/^ {4,}\S/.test(line)) return [];
    return [withoutComment(line).trim()].filter((text) => text !== "");
  });
}

/** A `#` after a space begins a comment, as in a shell; in quotes it does not. */
function withoutComment(line: string): string {
  const match = /^((?:"[^"]*"|'[^']*'|[^"'])*?)(?:^|\s)#\s/.exec(line);
  return match === null ? line : match[1]!;
}

/** Calls of the program in blocks, and with `inline` also in the text: from `vaultik` to the end of the command. */
export function vaultikLines(page: string, { inline = false } = {}): Typed[] {
  const lines = blockLines(page);
  if (inline) {
    for (const [, code] of Deno.readTextFileSync(page).matchAll(/`(vaultik [^`\n]+)`/g)) lines.push(code!);
  }
  return lines.flatMap((line) => {
    const call = /^(?:\S+ \S+ \S+ \S+ \S+\s+root\s+|[A-Z_]+=\S+ |sudo )*(?:\S*\/)?vaultik (.*)$/.exec(line);
    return call === null ? [] : [{ page: relative(ROOT, page), line: firstCommand(call[1]!) }];
  });
}

/** Up to a pipe, a redirection, `&&` or `;` outside of quotes. */
function firstCommand(line: string): string {
  const command = /^(?:"[^"]*"|'[^']*'|[^"'|>;&])*/.exec(line)![0];
  return (line[command.length] === ">" ? command.replace(/\s\d$/, "") : command).trim();
}

/** Words as a shell makes them of a line without variables. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) => word.replace(/["']/g, ""));
}
