import assert from "node:assert/strict";
import type { Progress } from "../../src/report/events.ts";
import { TextReport } from "../../src/report/text.ts";
import { displayWidth } from "../../src/report/width.ts";

// What a terminal shows of long runs, kept as text in tests/golden/progress and looked at. VAULTIK_UPDATE_GOLDEN=1 writes it again.

const GOLDEN = new URL("../golden/progress/", import.meta.url);
const MIB = 2 ** 20;
const SHOWN_EVERY_S = 20;

/** A run on a clock of its own: what it says of itself after so many seconds. */
interface Run {
  readonly name: string;
  readonly seconds: number;
  at(second: number): Progress;
}

const FILES = [
  "/etc/hosts",
  "/home/anna/Fotos/2024/Sommer in Italien/DSC_0001.NEF",
  "/var/lib/postgresql/15/main/base/16384/2619",
  "/home/李/写真/日本語のとても長いファイル名の例.jpg",
  "/srv/mail/anna/.Archive.2019/cur/1563204983.M837642P11873.mail,S=48213,W=49121:2,S",
];

/** Sent at 1 MiB/s in blobs of 16 MiB, read as far ahead as memory allows. */
function slowBackup(second: number, expected: Progress["expected"]): Progress {
  const total = 512 * MIB;
  const sent = Math.floor(second / 16) * 16 * MIB;
  const read = Math.min(total, 64 * MIB + sent + (second % 16) * MIB / 4);
  return {
    stage: second < 1 ? "scan" : "backup",
    entriesDone: Math.floor(read / MIB) * 20,
    entriesFound: Math.min(10_240, second * 900),
    bytesDone: read,
    bytesFound: Math.min(total, second * 45 * MIB),
    allKnown: read === total,
    expected,
    bytesNew: read,
    bytesPending: read - sent,
    bytesTransferred: sent,
    errors: second < 200 ? 0 : 2,
    path: FILES[Math.floor(second / SHOWN_EVERY_S) % FILES.length],
  };
}

const RUNS: readonly Run[] = [
  {
    name: "a backup on a slow line, as large as the last one",
    seconds: 520,
    at: (second) => slowBackup(second, { entries: 10_240, bytes: 512 * MIB }),
  },
  {
    name: "a first backup, of which nothing is known",
    seconds: 100,
    at: (second) => slowBackup(second, undefined),
  },
  {
    name: "a first backup that was counted after three seconds",
    seconds: 520,
    at: (second) => slowBackup(second, second < 3 ? undefined : { entries: 10_240, bytes: 512 * MIB }),
  },
  {
    name: "a restore",
    seconds: 100,
    at: (second) => ({
      stage: second < 4 ? "plan" : "restore",
      entriesDone: Math.max(0, second - 4) * 1000,
      entriesFound: 96_000,
      bytesDone: Math.max(0, second - 4) * 20 * MIB,
      bytesFound: 96 * 20 * MIB,
      allKnown: second >= 4,
      bytesTransferred: Math.max(0, second - 4) * 11 * MIB,
      errors: 0,
      path: FILES[Math.floor(second / SHOWN_EVERY_S) % FILES.length],
    }),
  },
  {
    name: "an index that is rebuilt",
    seconds: 40,
    at: (second) => ({
      stage: "index",
      entriesDone: second * 40_000,
      entriesFound: second * 40_000,
      bytesDone: 0,
      bytesFound: 0,
      allKnown: false,
      bytesTransferred: second * 3 * MIB,
      errors: 0,
    }),
  },
  {
    name: "a prune",
    seconds: 60,
    at: (second) => {
      const removed = Math.max(0, second - 20) * 300;
      return {
        stage: second < 20 ? "survey" : "prune",
        entriesDone: second < 20 ? second * 3000 : removed,
        entriesFound: second < 20 ? second * 3000 : 12_000,
        bytesDone: second < 20 ? second * 48 * 1024 * MIB : 0,
        bytesFound: second < 20 ? second * 48 * 1024 * MIB : 0,
        allKnown: second >= 20,
        bytesTransferred: 0,
        errors: 0,
      };
    },
  },
  {
    name: "a drill: its files, then their blobs",
    seconds: 60,
    at: (second) => ({
      stage: second < 40 ? "drill" : "objects",
      entriesDone: second < 40 ? Math.floor(second / 2) : Math.floor((second - 40) * 4),
      entriesFound: second < 40 ? 20 : 100,
      bytesDone: 0,
      bytesFound: 0,
      allKnown: true,
      bytesTransferred: 0,
      errors: 0,
      ...second < 40 ? { path: FILES[Math.floor(second / SHOWN_EVERY_S) % FILES.length] } : {},
    }),
  },
];

/** Plays a run ten times a second, and gives what is to be seen now and then. */
function play(run: Run, columns: number | undefined): string[] {
  let [nowMs, screen, printed] = [0, "", ""];
  const report = new TextReport({
    out() {},
    err(text) {
      printed += text;
      screen = text.slice(text.lastIndexOf("\x1b") + "\x1b[K".length);
    },
    progress: columns === undefined ? "lines" : "drawn",
    columns: () => columns ?? 0,
    nowMs: () => nowMs,
  }, { quiet: false, verbose: false });
  const shown: string[] = [];
  for (; nowMs <= run.seconds * 1000; nowMs += 100) {
    report.report({ kind: "progress", progress: run.at(nowMs / 1000) });
    if (columns !== undefined) assert.ok(displayWidth(screen) < columns, screen);
    if (nowMs % (SHOWN_EVERY_S * 1000) === 0) shown.push(`${String(nowMs / 1000).padStart(4)}s  ${screen}`);
  }
  return columns === undefined ? printed.trimEnd().split("\n") : shown;
}

for (const columns of [40, 80, 200, undefined]) {
  const name = columns === undefined ? "piped" : `${columns}-columns`;
  Deno.test(`progress is what tests/golden/progress/${name}.txt shows`, async () => {
    const text = RUNS.map((run) => `# ${run.name}\n${play(run, columns).join("\n")}\n`).join("\n");
    const file = new URL(`${name}.txt`, GOLDEN);
    if (Deno.env.get("VAULTIK_UPDATE_GOLDEN") !== undefined) await Deno.writeTextFile(file, text);
    assert.equal(text, await Deno.readTextFile(file));
  });
}
