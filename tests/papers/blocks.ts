import { relative } from "node:path";
import { ROOT } from "./pages.ts";

/** A block of a page: indented lines, or what is between two fences. */
export interface Block {
  /** From the root of the project. */
  readonly page: string;
  readonly text: string;
}

/** The blocks of a page, without their indentation. */
export function blocksOf(path: string): Block[] {
  const page = relative(ROOT, path);
  const blocks: string[][] = [];
  let isFenced = false;
  let isOpen = false;
  for (const line of Deno.readTextFileSync(path).split("\n")) {
    const isFence = /^\s*```/.test(line);
    const isInBlock = !isFence && (isFenced || /^ {4,}\S/.test(line));
    if (isInBlock && !isOpen) blocks.push([]);
    if (isInBlock) blocks.at(-1)!.push(line);
    isOpen = isInBlock;
    if (isFence) isFenced = !isFenced;
  }
  return blocks.map((lines) => ({ page, text: dedented(lines) }));
}

function dedented(lines: readonly string[]): string {
  const indent = /^ */.exec(lines[0]!)![0].length;
  return lines.map((line) => line.slice(indent)).join("\n");
}

/** Whether a block is a part of a configuration. */
export function isConfiguration({ text }: Block): boolean {
  const first = text.split("\n").find((line) => !line.startsWith("#"))!;
  return /^[a-z_0-9]+:(\s|$)/.test(first);
}
