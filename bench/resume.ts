import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { atLeast } from "../src/base/at_least.ts";
import { findVersitygw } from "../tests/fixtures/s3_server.ts";
import { firstDifference } from "../src/operations/compare_trees.ts";
import { isOwnName } from "../src/operations/restore/target.ts";
import { namedProgram } from "./program.ts";
import { BenchS3 } from "./s3.ts";
import { Vaultik } from "./tools.ts";
import { parseLine, WanProxy } from "./wan_proxy.ts";
import { inScratch } from "./scratch.ts";

const HELP =
  `What an interrupted restore costs: it is killed at a random point (SIGKILL) and begun again, over a line that counts bytes.
Then what a restore in place fetches where 1 % of what is there was changed.

  --kills N          (default 20)
  --line RTT,RATE    milliseconds and MB/s of a connection (default: 20,60)
  --large N          files of 16 MiB (default 96)
  --small N          files of 40 KB (default 2,000)
  --binary PATH      the program (default: dist/vaultik, else its source)
  --work DIR         for all that is written (default: /dev/shm)
`;
const LARGE_BYTES = 16 * 2 ** 20;
const SMALL_BYTES = 40_000;
const FILES_A_DIRECTORY = 100;
const CHANGED_SHARE = 0.01;

const { values } = parseArgs({
  args: Deno.args,
  options: {
    kills: { type: "string", default: "20" },
    line: { type: "string", default: "20,60" },
    large: { type: "string", default: "96" },
    small: { type: "string", default: "2000" },
    binary: { type: "string" },
    work: { type: "string", default: "/dev/shm" },
    help: { type: "boolean" },
  },
});

function makeTree(tree: string): string[] {
  const files: string[] = [];
  const kinds = [["large", Number(values.large), LARGE_BYTES], [
    "small",
    Number(values.small),
    SMALL_BYTES,
  ]] as const;
  for (const [folder, count, bytes] of kinds) {
    for (let number = 0; number < count; number++) {
      const directory = join(tree, folder, `d${Math.floor(number / FILES_A_DIRECTORY)}`);
      Deno.mkdirSync(directory, { recursive: true });
      const file = join(directory, `f${number}`);
      Deno.writeFileSync(file, randomBytes(bytes));
      files.push(file);
    }
  }
  return files;
}

/** Whether a restore has said that all is there; it may be killed between this and its exit. */
function hasEnded(target: string): boolean {
  if (!existsSync(target)) return false;
  const names = [...Deno.readDirSync(target)].map(({ name }) => name);
  return names.length > 0 && !names.some(isOwnName);
}

/** Restores over a line, and how many bytes went over it. */
class CountedRestore {
  readonly #vaultik: Vaultik;
  readonly #proxy: WanProxy;
  readonly #tree: string;
  readonly #s3: BenchS3;

  constructor(vaultik: Vaultik, s3: BenchS3, proxy: WanProxy, tree: string) {
    this.#vaultik = vaultik;
    this.#s3 = s3;
    this.#proxy = proxy;
    this.#tree = tree;
  }

  /** Bytes of a whole restore, its seconds, and its result compared with the tree. */
  async whole(target: string): Promise<{ readonly bytes: number; readonly seconds: number }> {
    const [before, startMs] = [this.#proxy.bytes, performance.now()];
    await this.#vaultik.restore(target);
    const seconds = (performance.now() - startMs) / 1000;
    const bytes = this.#proxy.bytes - before;
    await this.check(target);
    return { bytes, seconds };
  }

  /** Bytes until it was killed after `ms`; whether all was there by then. */
  async killed(target: string, ms: number): Promise<{ readonly bytes: number; readonly hasEnded: boolean }> {
    const before = this.#proxy.bytes;
    const [program, ...args] = atLeast(1, this.#vaultik.restoreCommand(target));
    const child = new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
    const timer = setTimeout(() => child.kill("SIGKILL"), ms);
    const { success } = await child.status;
    clearTimeout(timer);
    return { bytes: this.#proxy.bytes - before, hasEnded: success || hasEnded(target) };
  }

  async inPlace(target: string): Promise<{ readonly bytes: number; readonly requests: number }> {
    const [before, requestsBefore] = [this.#proxy.bytes, await this.#s3.requests()];
    await this.#vaultik.restoreInPlace(target);
    const bytes = this.#proxy.bytes - before;
    const requests = await this.#s3.requests() - requestsBefore;
    await this.check(target);
    return { bytes, requests };
  }

  async check(target: string): Promise<void> {
    const { difference } = await firstDifference(this.#tree, join(target, this.#tree));
    if (difference !== undefined) throw new Error(`The restored tree is another one: ${difference}`);
  }
}

async function killAndResume(restore: CountedRestore, work: string): Promise<void> {
  const { bytes, seconds } = await restore.whole(join(work, "whole"));
  console.log(`one run: ${(bytes / 1e6).toFixed(1)} MB in ${seconds.toFixed(2)} s`);
  const ratios: number[] = [];
  while (ratios.length < Number(values.kills)) {
    const target = join(work, `killed-${ratios.length}`);
    const ms = Math.random() * seconds * 1000;
    const first = await restore.killed(target, ms);
    const second = first.hasEnded ? undefined : await restore.whole(target);
    await Deno.remove(target, { recursive: true }).catch(() => {});
    if (second === undefined) continue;
    const ratio = (first.bytes + second.bytes) / bytes;
    ratios.push(ratio);
    console.log(
      `killed after ${(ms / 1000).toFixed(2)} s: ${(first.bytes / 1e6).toFixed(1)} MB, then ` +
        `${(second.bytes / 1e6).toFixed(1)} MB: ${ratio.toFixed(3)} of one run`,
    );
  }
  const most = Math.max(...ratios);
  console.log(
    `\n${ratios.length} kills: at most ${most.toFixed(3)} of the bytes of one run, ` +
      `${((most - 1) * bytes / 1e6).toFixed(0)} MB more; result equal\n`,
  );
}

/** Writes other bytes over a part of a file, and sees to it that its time is another. */
function change(file: string, offset: number, length: number): void {
  using open = Deno.openSync(file, { write: true });
  open.seekSync(offset, Deno.SeekMode.Start);
  open.writeSync(randomBytes(length));
}

function largeOf(files: readonly string[]): string[] {
  return files.filter((file) => Deno.statSync(file).size === LARGE_BYTES);
}

/** Changes so many bytes in pieces that lie anywhere. */
function scatter(files: readonly string[], bytes: number, pieceBytes: number): void {
  for (let left = bytes; left > 0 && files.length > 0; left -= pieceBytes) {
    const piece = Math.floor(Math.random() * LARGE_BYTES / pieceBytes);
    change(files[Math.floor(Math.random() * files.length)]!, piece * pieceBytes, pieceBytes);
  }
}

/** Ways to change one part in a hundred of what was restored. */
const CHANGES: Readonly<Record<string, (files: readonly string[], bytes: number) => void>> = {
  "1 % of the files, all of each"(files, bytes) {
    let left = bytes * CHANGED_SHARE;
    for (const file of [...files].sort(() => Math.random() - 0.5)) {
      const { size } = Deno.statSync(file);
      if (size > left) continue;
      change(file, 0, size);
      left -= size;
    }
  },
  "1 % of each large file, in one place"(files) {
    for (const file of largeOf(files)) {
      const length = Math.floor(LARGE_BYTES * CHANGED_SHARE);
      change(file, Math.floor(Math.random() * (LARGE_BYTES - length)), length);
    }
  },
  "1 % of all bytes, in pieces of 64 KiB in large files"(files, bytes) {
    scatter(largeOf(files), bytes * CHANGED_SHARE, 64 * 1024);
  },
  "1 % of all bytes, in pieces of 4 KiB in large files"(files, bytes) {
    scatter(largeOf(files), bytes * CHANGED_SHARE, 4 * 1024);
  },
  "1 % of all bytes, in one place of one file"(files, bytes) {
    const length = Math.min(LARGE_BYTES, bytes * CHANGED_SHARE);
    const [large] = largeOf(files);
    if (large !== undefined) change(large, Math.floor(Math.random() * (LARGE_BYTES - length)), length);
  },
};

async function changeAndRestore(
  restore: CountedRestore,
  files: readonly string[],
  target: string,
): Promise<void> {
  const bytes = files.reduce((sum, file) => sum + Deno.statSync(file).size, 0);
  const restored = files.map((file) => join(target, file));
  for (const [what, changeThem] of [...Object.entries(CHANGES), ["nothing", () => {}] as const]) {
    changeThem(restored, bytes);
    const fetched = await restore.inPlace(target);
    const share = (100 * fetched.bytes / bytes).toFixed(2);
    console.log(`in place, ${what}: fetched ${share} % in ${fetched.requests} requests`);
  }
}

if (values.help) {
  console.log(HELP);
} else {
  await inScratch(values.work, "resume", async (work) => {
    const versitygw = findVersitygw();
    if (versitygw === undefined) throw new Error("Cannot find versitygw");
    const tree = join(work, "tree");
    const files = makeTree(tree);
    await using s3 = await BenchS3.start(versitygw, join(work, "s3"));
    await using proxy = new WanProxy(s3.endpoint, parseLine(values.line));
    s3.endpoint = proxy.endpoint;
    const vaultik = new Vaultik(
      { directory: join(work, "vaultik"), tree, s3 },
      namedProgram(values.binary),
    );
    await vaultik.prepare();
    await vaultik.backUp();
    const restore = new CountedRestore(vaultik, s3, proxy, tree);
    await killAndResume(restore, work);
    await changeAndRestore(restore, files, join(work, "whole"));
  });
}
