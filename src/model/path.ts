import { fromLatin1, toLatin1 } from "../base/bytes.ts";

/**
 * A path as the file system has it: bytes, held in a string whose char codes are those bytes. Such strings compare, hash and
 * slice as the bytes do, whatever their encoding. {@link textOf} is for people and for JSON.
 */
export type Path = string;

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
// deno-lint-ignore no-control-regex
const ASCII = /^[\x00-\x7f]*$/;

/** The path that `text`, from a configuration or a command line, names. */
export function pathOf(text: string): Path {
  return ASCII.test(text) ? text : toLatin1(encoder.encode(text));
}

/** `path` as text, or `undefined` where its bytes are not UTF-8. */
export function textOf(path: Path): string | undefined {
  if (ASCII.test(path)) return path;
  try {
    return strictUtf8.decode(fromLatin1(path));
  } catch {
    return undefined;
  }
}

/** `path` for a message: control characters and bytes that are not UTF-8 are shown as `\xNN`. */
export function displayPath(path: Path): string {
  const text = textOf(path) ?? path.replace(/[\x80-\xff]/g, hexEscape);
  // deno-lint-ignore no-control-regex
  return text.replace(/[\x00-\x1f\x7f]/g, hexEscape);
}

function hexEscape(character: string): string {
  return "\\x" + character.charCodeAt(0).toString(16).padStart(2, "0");
}

/** A byte as {@link displayPath} shows it; `\\x5c` is the backslash itself, where a name has such digits behind one. */
export const TYPED_BYTE = "\\\\x(?:0[1-9a-f]|1[0-9a-f]|5c|7f|[89a-f][0-9a-f])";

/** The path that was typed: as {@link pathOf}, but `\xNN` stands for a byte, so that a path can be given as a message shows it. */
export function typedPath(text: string): Path {
  return pathOf(text).replace(new RegExp(TYPED_BYTE, "gi"), typedByte);
}

/** How `path` has to be typed: {@link typedPath} reads it so. */
export function toTyped(path: Path): string {
  return displayPath(path.replace(new RegExp(TYPED_BYTE, "gi"), (escape) => "\\x5c" + escape.slice(1)));
}

/** The byte that {@link TYPED_BYTE} matched. */
export function typedByte(escape: string): string {
  return String.fromCharCode(parseInt(escape.slice(2), 16));
}

/** The bytes of paths, each with a NUL behind it, as the system takes them. */
export function packPaths(paths: readonly Path[]): Uint8Array<ArrayBuffer> {
  const packed = new Uint8Array(paths.reduce((sum, path) => sum + path.length + 1, 0));
  let at = 0;
  for (const path of paths) {
    for (let i = 0; i < path.length; i++) packed[at++] = path.charCodeAt(i);
    packed[at++] = 0;
  }
  return packed;
}

/** A key whose plain order is that of entries: depth first, `/` below every other byte. The root `/` has the empty key. */
export function sortKey(path: Path): string {
  return path === "/" ? "" : path.replaceAll("/", "\0");
}

/** Its char code. */
export const SLASH = 0x2f;

/** Whether `path` comes after `other` in the order of {@link sortKey}, of which neither is made: for very many, most of them neighbours. */
export function isAfter(path: Path, other: Path): boolean {
  if (path === "/" || other === "/") return other === "/" && path !== "/";
  const shared = Math.min(path.length, other.length);
  for (let i = 0; i < shared; i++) {
    const a = path.charCodeAt(i);
    const b = other.charCodeAt(i);
    if (a !== b) return b === SLASH ? a !== 0 : a !== SLASH && a > b;
  }
  return path.length > other.length;
}

export function pathOfKey(key: string): Path {
  return key === "" ? "/" : key.replaceAll("\0", "/");
}

export function joinPath(directory: Path, name: string): Path {
  return directory === "/" ? "/" + name : directory + "/" + name;
}

export function parentOf(path: Path): Path {
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}

/** The directories above `path`, but for `/`, the nearest first. */
export function directoriesAbove(path: Path): Path[] {
  const above: Path[] = [];
  for (let parent = parentOf(path); parent !== "/"; parent = parentOf(parent)) above.push(parent);
  return above;
}

/** Whether `path` is `directory` or below it. */
export function isWithin(path: Path, directory: Path): boolean {
  if (directory === "/") return true;
  // What is behind it says no of most, and far sooner.
  const isWhole = path.length === directory.length || path.charCodeAt(directory.length) === SLASH;
  return isWhole && path.startsWith(directory);
}

/** Absolute, no empty, `.` or `..` part, no slash at the end. */
export function normalizePath(path: Path): Path {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return "/" + parts.join("/");
}
