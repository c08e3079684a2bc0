import assert from "node:assert/strict";
import { AheadCount } from "../../../src/operations/backup/ahead_count.ts";
import { BackupProgress } from "../../../src/operations/backup/backup_progress.ts";
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

const TAG = "Signature: 8a477f597d28d172789f06886806bc55";

/** Directories of a few files each, and what is not to be counted. */
async function smallDirectories(): Promise<Machine> {
  const machine = await Machine.make({ exclude: ["/**/left-out/"], excludeCaches: true });
  for (let i = 0; i < 20; i++) machine.write(`dir/${i % 7}/${i}`, "x".repeat(i * 100));
  machine.write("left-out/a", "x".repeat(100_000));
  machine.write("cache/CACHEDIR.TAG", TAG);
  machine.write("cache/a", "x".repeat(100_000));
  machine.write("c", "x".repeat(10_000));
  Deno.symlinkSync("c", `${machine.data}/e`);
  return machine;
}

/** Directories above the root that a backup has, too. */
const above = ({ data }: Machine) => data.split("/").length - 2;

Deno.test("a count ahead of directories of a few files finds what the backup then has, in this thread and in another", async () => {
  await using machine = await smallDirectories();
  const { files, directories, others, bytes } = await machine.backUp();
  const counted = countAhead(machine.options);
  // Of a cache its tag is backed up.
  assert.deepEqual(counted, {
    entries: files + directories + others - above(machine) - 1,
    bytes: bytes - TAG.length,
  });
  using ahead = new AheadCount(machine.options);
  assert.equal(ahead.counted, undefined);
  ahead.begin();
  while (ahead.counted === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(ahead.counted, counted);
});

Deno.test("of directories of many files a count ahead looks at a few, and counts all", async () => {
  await using machine = await Machine.make({ exclude: ["*.tmp"] });
  for (let i = 0; i < 200; i++) machine.write(`many/${i}`, "x".repeat(1000));
  assert.deepEqual(countAhead(machine.options), { entries: 202, bytes: 200_000 });
  for (let i = 0; i < 200; i++) Deno.renameSync(`${machine.data}/many/${i}`, `${machine.data}/many/${i}.tmp`);
  assert.deepEqual(countAhead(machine.options), { entries: 2, bytes: 0 });
});

Deno.test("paths that are not there, and a thread that is ended, make a count of less, and no error", async () => {
  assert.deepEqual(
    countAhead({ roots: ["/no/such/path"], exclude: [], oneFileSystem: false, excludeCaches: false }),
    { entries: 0, bytes: 0 },
  );
  await using machine = await smallDirectories();
  assert.deepEqual(countAhead({ ...machine.options, roots: [`${machine.data}/c`] }), {
    entries: 1,
    bytes: 10_000,
  });
  const ahead = new AheadCount(machine.options);
  ahead.begin();
  ahead[Symbol.dispose]();
  ahead[Symbol.dispose]();
});

/** What the progress of a backup says, and how often a count was begun. */
function watched(seenAfterMs = 0) {
  const said: Progress[] = [];
  const ahead = { begun: 0, counted: undefined as Counted | undefined, begin: () => void ahead.begun++ };
  const progress = new BackupProgress(
    (event) => {
      if (event.kind === "progress") said.push(event.progress);
    },
    IDLE,
    ahead,
    seenAfterMs,
  );
  return { said, ahead, progress };
}

Deno.test("a backup that has no last one is counted once it takes a while, and then says how much there is", () => {
  const { said, ahead, progress } = watched();
  progress.tell(SOME);
  for (let i = 0; i < 3; i++) progress.repeat();
  assert.equal(ahead.begun, 0, "it has only just begun");
  progress.repeat();
  assert.equal(ahead.begun, 1);
  assert.equal(said.at(-1)!.expected, undefined);
  ahead.counted = { entries: 40, bytes: 900 };
  progress.tell(SOME);
  assert.equal(said.at(-1)!.expected, ahead.counted);
});

Deno.test("where no one sees progress before a line after half a minute, a backup that ends before is not counted", () => {
  const { ahead, progress } = watched(30_000);
  progress.tell(SOME);
  for (let i = 0; i < 49; i++) progress.repeat();
  assert.equal(ahead.begun, 0);
  progress.repeat();
  assert.equal(ahead.begun, 1);
});

Deno.test("nothing is counted where the last backup says it, or the walk is done", () => {
  const expected = { entries: 5, bytes: 50 };
  for (const known of [{ ...SOME, expected }, { ...SOME, allKnown: true }]) {
    const { said, ahead, progress } = watched();
    progress.tell(known);
    for (let i = 0; i < 10; i++) progress.repeat();
    assert.equal(ahead.begun, 0);
    assert.deepEqual(said.at(-1)!.expected, known.expected);
  }
});
