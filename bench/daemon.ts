import { generateIdentity, identityToRecipient } from "age-encryption";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { BackupThreads } from "../src/operations/backup/backup_threads.ts";
import type { BackupOptions } from "../src/operations/options.ts";
import { backupCommand, runBackup } from "../tests/fixtures/run_backup.ts";
import { hasStrace, traceCalls } from "../tests/fixtures/system_calls.ts";
import { median } from "./measure.ts";
import { Restic } from "./tools.ts";

const HELP =
  `Times a backup of what has changed, in a process that stays, against a scan of everything and restic: 20 files changed.

  --files N      files in the tree, 50 in a directory (default 1,000,000)
  --runs N       repetitions; medians are shown (default 5)
  --work DIR     for all that is written, on the disk to measure (default: dist/bench)
  --keep         leave what was made in DIR/daemon, and take what is there already
  --no-restic    without restic
`;
const FILES_PER_DIRECTORY = 50;
const CHANGED_FILES = 20;
/** A daemon has made backups before. */
const WARM_RUNS = 3;
/** A change so soon before a backup is looked at again by the next one. */
const SETTLE_MS = 100;

/** A tree in `work`, a store and an index for it. */
export class DaemonBench {
  readonly tree: string;
  readonly store: string;
  readonly options: BackupOptions;
  readonly #directories: number;
  #changed = 0;

  constructor(work: string, directories: number, recipient: string) {
    this.tree = join(work, "tree");
    this.store = join(work, "store");
    this.#directories = directories;
    this.options = {
      name: "bench",
      hostname: "bench",
      roots: [this.tree],
      exclude: [],
      oneFileSystem: false,
      excludeCaches: false,
      recipients: [recipient],
      indexPath: join(work, "index/index.sqlite"),
      chunkSizeBytes: 1 << 20,
      blobSizeBytes: 16 << 20,
      compressionLevel: 3,
      readers: navigator.hardwareConcurrency,
    };
  }

  makeTree(): void {
    for (let number = 0; number < this.#directories; number++) {
      const directory = this.#directory(number);
      Deno.mkdirSync(directory, { recursive: true });
      for (let file = 0; file < FILES_PER_DIRECTORY; file++) {
        Deno.writeTextFileSync(join(directory, `file-${file}.txt`), `file ${file} of directory ${number}\n`);
      }
    }
  }

  /** Changes a file each in directories spread over the tree; those directories. */
  change(): string[] {
    const step = Math.max(1, Math.floor(this.#directories / CHANGED_FILES));
    const shift = this.#changed++ % step;
    return Array.from({ length: Math.min(CHANGED_FILES, this.#directories) }, (_, i) => {
      const directory = this.#directory((i * step + shift) % this.#directories);
      Deno.writeTextFileSync(join(directory, `file-${i}.txt`), crypto.randomUUID());
      return directory;
    });
  }

  /** Seconds that a backup of everything takes in this process. */
  async backUpAll(): Promise<number> {
    return (await timed(() => runBackup(this.store, this.options))).seconds;
  }

  /** Seconds that a backup takes in this process when ${CHANGED_FILES} files have changed. */
  async backUpChanges(threads: BackupThreads): Promise<number> {
    const changes = { directories: this.change(), subtrees: [] };
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const { seconds, result } = await timed(() =>
      runBackup(this.store, { ...this.options, changes }, threads)
    );
    if (result.scanned !== "changes" || result.filesRead < CHANGED_FILES) {
      throw new Error(`The backup read ${result.filesRead} files and scanned ${result.scanned}`);
    }
    return seconds;
  }

  /** How often a backup of changes, in a process of its own, made each system call about something in the tree. */
  async countCalls(): Promise<Map<string, number>> {
    const changes = { directories: this.change(), subtrees: [] };
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const { calls } = await traceCalls(backupCommand(this.store, { ...this.options, changes }));
    const counts = new Map<string, number>();
    for (const { name, path } of calls) {
      if (!path.startsWith(this.tree)) continue;
      counts.set(name, (counts.get(name) ?? 0) + 1);
      const isDirty = changes.directories.some((directory) => path.startsWith(directory));
      if (name === "getdents64" && !isDirty) throw new Error(`It read directory ${path}`);
    }
    return counts;
  }

  #directory(number: number): string {
    return join(
      this.tree,
      String(Math.floor(number / 200)).padStart(3, "0"),
      String(number % 200).padStart(3, "0"),
    );
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ seconds: number; result: T }> {
  const start = performance.now();
  const result = await work();
  return { seconds: (performance.now() - start) / 1000, result };
}

async function settle(): Promise<void> {
  await new Deno.Command("sync").output();
}

async function repeat(name: string, runs: number, work: () => Promise<number>): Promise<number> {
  const seconds: number[] = [];
  for (let run = 0; run < runs; run++) {
    await settle();
    seconds.push(await work());
  }
  console.error(`${name}: ${seconds.map((value) => value.toFixed(3)).join(" ")} s`);
  return median(seconds);
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

async function backUpWithRestic(restic: Restic, bench: DaemonBench, runs: number): Promise<number> {
  if (!exists(restic.repository)) {
    await restic.prepare();
    await repeat("restic, first backup", 1, async () => (await restic.backUp()).wallSeconds);
  }
  return await repeat("restic", runs, async () => {
    bench.change();
    return (await restic.backUp()).wallSeconds;
  });
}

function printTable(rows: readonly (readonly [name: string, seconds: number])[]): void {
  const [, best] = rows[0];
  console.log("| backup of 20 changed files | wall | ratio |\n| --- | ---: | ---: |");
  for (const [name, seconds] of rows) {
    console.log(`| ${name} | ${seconds.toFixed(2)} s | ${(seconds / best).toFixed(1)} |`);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      files: { type: "string", default: "1000000" },
      runs: { type: "string", default: "5" },
      work: { type: "string" },
      keep: { type: "boolean" },
      "no-restic": { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return console.log(HELP);
  const base = resolve(values.work ?? fileURLToPath(new URL("../dist/bench", import.meta.url)));
  const work = join(base, "daemon");
  const [directories, runs] = [Math.ceil(Number(values.files) / FILES_PER_DIRECTORY), Number(values.runs)];
  const bench = new DaemonBench(work, directories, await identityToRecipient(await generateIdentity()));
  try {
    if (!exists(bench.tree)) bench.makeTree();
    await repeat(exists(bench.store) ? "backup" : "first backup", 1, () => bench.backUpAll());
    using threads = new BackupThreads();
    for (let i = 0; i < WARM_RUNS; i++) await bench.backUpChanges(threads);
    const rows: [string, number][] = [
      ["vaultik, told what changed", await repeat("changes", runs, () => bench.backUpChanges(threads))],
      [
        "vaultik, everything scanned",
        await repeat("everything", 3, () => (bench.change(), bench.backUpAll())),
      ],
    ];
    if (!values["no-restic"]) {
      const restic = new Restic({ directory: join(work, "restic"), tree: bench.tree, s3: undefined });
      rows.push(["restic", await backUpWithRestic(restic, bench, 1)]);
    }
    printTable(rows);
    if (hasStrace()) {
      await bench.backUpAll();
      console.log(
        "\nSystem calls of one such run about the tree:",
        Object.fromEntries(await bench.countCalls()),
      );
    }
  } finally {
    if (!values.keep) await Deno.remove(work, { recursive: true });
  }
}

if (import.meta.main) await main();
