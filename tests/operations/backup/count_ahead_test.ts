import assert from "node:assert/strict";
import { BackupProgress } from "../../../src/operations/backup/backup_progress.ts";
import { AheadCount } from "../../../src/operations/backup/ahead_count.ts";
import { countAhead, type Counted } from "../../../src/operations/backup/count_ahead.ts";
import type { Progress } from "../../../src/report/events.ts";
import { Machine } from "../machine.ts";

const IDLE = { bytesUploaded: 0, bytesPending: 0 };

const SOME: Progress = {
  stage: "backup",
  entriesDone: 1,
  entriesFound: 2,
  bytesDone: 10,
  bytesFound: 20,
  allKnown: false,
  bytesTransferred: 0,
  errors: 0,
};

async function mixedTree(): Promise<Machine> {
  const machine = await Machine.make({ exclude: ["*.tmp", "/**/left-out/"] });
  machine.writePages(3);
  machine.write("left-out/a", "x".repeat(1000));
  machine.write("b.tmp", "x".repeat(1000));
  machine.write("c", "x".repeat(100_000));
  Deno.linkSync(`${machine.data}/c`, `${machine.data}/d`);
  Deno.symlinkSync("c", `${machine.data}/e`);
  return machine;
}

Deno.test("a count ahead finds what the backup then has, in this thread and in another", async () => {
  await using machine = await mixedTree();
  const { files, directories, others, bytes } = await machine.backUp();
  const has = { entries: files + directories + others, bytes };
  assert.deepEqual(countAhead(machine.options), has);
  using ahead = new AheadCount(machine.options);
  assert.equal(ahead.counted, undefined);
  ahead.begin();
  while (ahead.counted === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(ahead.counted, has);
});

Deno.test("paths that are not there, and a thread that is ended, make a count of less, and no error", async () => {
  assert.deepEqual(
    countAhead({ roots: ["/no/such/path"], exclude: [], oneFileSystem: false, excludeCaches: false }),
    { entries: 0, bytes: 0 },
  );
  await using machine = await mixedTree();
  const ahead = new AheadCount(machine.options);
  ahead.begin();
  ahead[Symbol.dispose]();
  ahead[Symbol.dispose]();
});

/** What the progress of a backup says, and how often a count was begun. */
function watched() {
  const told: Progress[] = [];
  const ahead = { begun: 0, counted: undefined as Counted | undefined, begin: () => void ahead.begun++ };
  const report = (event: { kind: string; progress?: Progress }) => void told.push(event.progress!);
  const progress = new BackupProgress((event) => report(event as { kind: string }), IDLE, ahead);
  return { told, ahead, progress };
}

Deno.test("a backup that has no last one is counted once it takes a while, and then says how much there is", () => {
  const { told, ahead, progress } = watched();
  progress.repeat();
  progress.tell(SOME);
  assert.equal(ahead.begun, 0, "it has only just begun");
  progress.repeat();
  assert.equal(ahead.begun, 1);
  ahead.counted = { entries: 40, bytes: 900 };
  progress.tell(SOME);
  assert.deepEqual(told.map(({ expected }) => expected), [undefined, undefined, undefined, ahead.counted]);
});

Deno.test("nothing is counted where the last backup says it, or the walk is done", () => {
  const expected = { entries: 5, bytes: 50 };
  for (const known of [{ ...SOME, expected }, { ...SOME, allKnown: true }]) {
    const { told, ahead, progress } = watched();
    progress.tell(known);
    progress.repeat();
    assert.equal(ahead.begun, 0);
    assert.deepEqual(told.at(-1)!.expected, known.expected);
  }
});
