import * as fs from "node:fs";
import { toLatin1 } from "../../base/bytes.ts";
import { AT_FDCWD, EBADF, EILSEQ, ELOOP, ESTALE } from "../numbers.ts";
import { Refusal } from "./failure.ts";

/** What is open and has no descriptor of the system: directories, and what is only looked at. Its path is looked up at each call. */
interface Opened {
  /** As the runtime takes it. */
  readonly path: string;
  readonly identity: string;
  /** Names of a directory that are still to be read. */
  unread?: fs.Dirent[];
}

/** No system gives a process so many descriptors. */
const FIRST = 2 ** 24;
const opened = new Map<number, Opened>();
let next = FIRST;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** The text in `bytes` up to their NUL. A name that is not UTF-8 cannot be given to the runtime: EILSEQ. */
export function textIn(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes.subarray(0, bytes.indexOf(0)));
  } catch (cause) {
    if (cause instanceof TypeError) throw new Refusal(EILSEQ);
    throw cause;
  }
}

/** Whether `file` is of those here. */
export function isOpened(file: number): boolean {
  return file >= FIRST;
}

/** Opens what is at `path`, which may be a link itself; `stat` is of it. */
export function remember(path: string, stat: fs.BigIntStats): number {
  opened.set(next, { path, identity: identityOf(stat) });
  return next++;
}

export function forget(file: number): void {
  opened.delete(file);
}

export function identityOf({ dev, ino }: fs.BigIntStats): string {
  return `${dev}:${ino}`;
}

/** What is known of `file`, which is still at its path: something else there is an ESTALE. */
export function lookUp(file: number): Opened & { readonly stat: fs.BigIntStats } {
  const known = opened.get(file);
  if (known === undefined) throw new Refusal(EBADF);
  const stat = fs.lstatSync(known.path, { bigint: true });
  if (identityOf(stat) !== known.identity) throw new Refusal(ESTALE);
  return Object.assign(known, { stat });
}

/** Where `name` is in `directory`, which is still at its path. */
export function pathIn(directory: number, name: Uint8Array): string {
  const text = textIn(name);
  if (directory === AT_FDCWD || text.startsWith("/")) return text;
  const { path } = lookUp(directory);
  if (text === "" || text === ".") return path;
  if (text === "..") return path.slice(0, path.lastIndexOf("/")) || "/";
  return path === "/" ? `/${text}` : `${path}/${text}`;
}

/** As {@link pathIn}, for calls of the runtime that would follow a link: there must be none. */
export function unlinkedPathIn(directory: number, name: Uint8Array): string {
  const path = pathIn(directory, name);
  if (fs.lstatSync(path).isSymbolicLink()) throw new Refusal(ELOOP);
  return path;
}

/** The path of what is open, in bytes, one a character. */
export function descriptorPath(file: number): string {
  return toLatin1(encoder.encode(opened.get(file)?.path ?? ""));
}

/** What another thread needs to open the same directory: {@link openShared}. */
export interface SharedDirectory {
  readonly path: string;
  readonly identity: string;
}

export function shareOpened(file: number): SharedDirectory {
  const { path, identity } = lookUp(file);
  return { path, identity };
}

export function openShared({ path, identity }: SharedDirectory): number {
  opened.set(next, { path, identity });
  return next++;
}
