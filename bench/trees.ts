import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { atLeast } from "../src/base/at_least.ts";

const SMALL_DIRECTORIES = 3000;
const SMALL_FILES = 300_000;
const SMALL_FILE_BYTES = 2048;
const BIG_FILE_BYTES = 1.5 * 1024 ** 3;
const MIB = 1024 ** 2;
/** A tree of source files and the like is only worth timing from here on. */
const MANY_FILES = 100_000;

/** 300,000 files of 2 KB: hardly compressible one by one, well together, as logs, mails and cache entries are. */
export function makeSmallTree(root: string, files = SMALL_FILES): void {
  const vocabulary = Array.from({ length: 4000 }, (_, i) => word(i));
  const perDirectory = Math.ceil(files / SMALL_DIRECTORIES);
  for (let number = 0; number < files; number++) {
    const directory = join(root, `d${String(Math.floor(number / perDirectory)).padStart(4, "0")}`);
    if (number % perDirectory === 0) Deno.mkdirSync(directory, { recursive: true });
    Deno.writeTextFileSync(join(directory, `f${number}.txt`), smallText(number, vocabulary));
  }
}

/** 2 files of 1.5 GiB: a third random, the rest text that repeats little. */
export function makeBigTree(root: string, bytesEach = BIG_FILE_BYTES): void {
  Deno.mkdirSync(root, { recursive: true });
  const vocabulary = Array.from({ length: 4000 }, (_, i) => word(i));
  for (const name of ["one", "two"]) {
    using file = Deno.openSync(join(root, name), { write: true, createNew: true });
    for (let piece = 0; piece * MIB < bytesEach; piece++) {
      file.writeSync(piece % 3 === 0 ? randomBytes(MIB) : longText(`${name} ${piece}`, vocabulary));
    }
  }
}

/** A tree of this machine with more than 100,000 files: Go's module cache, or `/usr`. */
export async function findManyFiles(): Promise<string> {
  const cache = await goModuleCache();
  return cache !== undefined && countFiles(cache, MANY_FILES) >= MANY_FILES ? cache : "/usr";
}

/** Where it is, if it is. */
export async function goModuleCache(): Promise<string | undefined> {
  try {
    const { stdout } = await new Deno.Command("go", { args: ["env", "GOMODCACHE"], stderr: "null" }).output();
    const path = new TextDecoder().decode(stdout).trim();
    return Deno.statSync(path).isDirectory ? path : undefined;
  } catch {
    return undefined;
  }
}

function countFiles(directory: string, enough: number): number {
  let count = 0;
  for (const entry of Deno.readDirSync(directory)) {
    if (entry.isFile) count++;
    else if (entry.isDirectory) count += countFiles(join(directory, entry.name), enough - count);
    if (count >= enough) break;
  }
  return count;
}

/** A third hex, which halves, and two thirds words of a shared vocabulary. */
function smallText(number: number, vocabulary: readonly string[]): string {
  const random = new Uint16Array(randomBytes(800).buffer);
  let text = `record ${number}\n`;
  for (let i = 0; text.length < SMALL_FILE_BYTES; i++) {
    text += i % 16 === 0 ? hex(random, i) : vocabulary[random[i]! % vocabulary.length];
    text += i % 11 === 10 ? "\n" : " ";
  }
  return text.slice(0, SMALL_FILE_BYTES);
}

function hex(random: Uint16Array, at: number): string {
  return [0, 1, 2, 3, 4, 5].map((i) => random[(at + i) % random.length]!.toString(16)).join("");
}

/** Words are not equally frequent: a product of two draws prefers the first ones. */
function skewed(random: number, length: number): number {
  return Math.floor(((random & 255) / 256) * ((random >> 8) / 256) * length);
}

function longText(salt: string, vocabulary: readonly string[]): Uint8Array {
  const random = new Uint16Array(randomBytes(2 * 4096).buffer);
  const lines: string[] = [];
  for (let length = 0, i = 0; length < MIB; i++) {
    const line = `${salt} ${i} ${vocabulary[skewed(random[i % 4096]!, 4000)]} ${random[(i * 7) % 4096]} ${
      hex(random, i)
    }`;
    lines.push(line);
    length += line.length + 1;
  }
  return new TextEncoder().encode(lines.join("\n")).subarray(0, MIB);
}

/** Letters without a pattern, so that a word costs its full length the first time it is seen. */
function word(number: number): string {
  const digest = createHash("sha256").update(`word ${number}`).digest();
  return String.fromCharCode(...digest.subarray(0, 4 + digest[31]! % 8).map((byte) => 97 + byte % 26));
}

if (import.meta.main) {
  const [kind, root] = atLeast(2, Deno.args);
  if (kind === "small") makeSmallTree(root);
  else if (kind === "big") makeBigTree(root);
  else if (kind === "many") console.log(await findManyFiles());
  else console.error("Usage: trees.ts small|big DIRECTORY, or trees.ts many");
}
