import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { measure } from "./measure.ts";

const FILES_A_DIRECTORY = 500;
const MIB = 2 ** 20;
/** One file in so many has another name, an attribute, an ACL, or is a link. */
const EVERY = { link: 10, xattr: 13, acl: 101, symlink: 17 };

/** Small files, some of them with hard links, attributes, ACLs, odd modes and owners, and symlinks between them. */
export async function makeLinkedTree(tree: string, files: number): Promise<void> {
  const withXattr: string[] = [];
  const withAcl: string[] = [];
  for (let number = 0; number < files; number++) {
    const directory = join(tree, `d${Math.floor(number / FILES_A_DIRECTORY)}`);
    if (number % FILES_A_DIRECTORY === 0) Deno.mkdirSync(directory);
    const file = join(directory, `f${number}`);
    Deno.writeFileSync(file, randomBytes(number % 3000), { mode: [0o644, 0o600, 0o755][number % 3] });
    if (number % 7 === 0) Deno.chownSync(file, 1000 + number % 5, 1000);
    if (number % EVERY.link === 0) Deno.linkSync(file, `${file}-again`);
    if (number % EVERY.symlink === 0) Deno.symlinkSync(`f${number}`, `${file}-link`);
    if (number % EVERY.xattr === 0) withXattr.push(file);
    if (number % EVERY.acl === 0) withAcl.push(file);
  }
  await forMany(["setfattr", "-n", "user.bench", "-v", "a value"], withXattr);
  await forMany(["setfacl", "-m", "u:1234:r"], withAcl);
}

async function forMany(command: readonly string[], files: readonly string[]): Promise<void> {
  for (let at = 0; at < files.length; at += 1000) await measure([...command, ...files.slice(at, at + 1000)]);
}

/** Random bytes. */
export function makeLargeFile(path: string, mib: number): void {
  using file = Deno.openSync(path, { write: true, create: true });
  for (let piece = 0; piece < mib; piece++) file.writeSync(randomBytes(MIB));
}

/** Text of a few KB each. */
export function makeSmallFiles(tree: string, files: number): void {
  for (let number = 0; number < files; number++) {
    const directory = join(tree, `d${Math.floor(number / 100)}`);
    if (number % 100 === 0) Deno.mkdirSync(directory);
    const line = `${randomBytes(24).toString("base64")} is in file ${number}\n`;
    Deno.writeTextFileSync(join(directory, `f${number}.txt`), line.repeat(10 + number % 100));
  }
}

/** A file that fio can check by itself. */
export async function makeFioFile(path: string, mib: number): Promise<void> {
  const file = [`--filename=${path}`, `--size=${mib}m`, "--bs=64k"];
  await measure([
    "fio",
    "--name=verify",
    ...file,
    "--rw=write",
    "--verify=crc32c",
    "--do_verify=0",
    "--verify_state_save=0",
  ]);
}

/** Empty files in one directory. */
export function makeWideDirectory(tree: string, files: number): void {
  for (let number = 0; number < files; number++) Deno.writeFileSync(`${tree}/f${number}`, new Uint8Array(0));
}
