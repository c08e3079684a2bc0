import assert from "node:assert/strict";
import { seeded } from "../../src/base/chance.ts";
import { fromHex } from "../../src/base/bytes.ts";
import { drillSource } from "../../src/operations/drill/source_drill.ts";
import { readHostKeys } from "../../src/operations/host_keys.ts";
import { ObjectProgress } from "../../src/operations/object_progress.ts";
import type { Event, Progress } from "../../src/report/events.ts";
import { Machine } from "./machine.ts";
import { DAY, Pruned } from "./prune/clocked.ts";

/** What was said of one stage. */
function progressOf(events: readonly Event[], stage: Progress["stage"]): Progress[] {
  return events.flatMap((event) =>
    event.kind === "progress" && event.progress.stage === stage ? [event.progress] : []
  );
}

Deno.test("progress of objects is said at most ten times a second, with all that was done until then", () => {
  let nowMs = 0;
  const events: Event[] = [];
  const tools = { report: (event: Event) => void events.push(event), now: () => new Date(nowMs) };
  const progress = new ObjectProgress(tools, "verify", { objects: 100, bytes: 1000 });
  for (; nowMs < 1000; nowMs += 10) progress.add({ bytes: 10, bytesFetched: 5, isFault: nowMs === 0 });
  const said = progressOf(events, "verify");
  assert.equal(said.length, 10);
  const { entriesDone, entriesFound, bytesDone, bytesFound, bytesTransferred, errors, allKnown } = said[9]!;
  assert.deepEqual(
    [entriesDone, entriesFound, bytesDone, bytesFound, bytesTransferred, errors, allKnown],
    [91, 100, 910, 1000, 455, 1, true],
  );
});

Deno.test("a prune tells what it looks at, and how much of what goes is gone", async () => {
  await using pruned = await Pruned.make();
  const { machine, clock } = pruned;
  machine.write("a", "x".repeat(100_000));
  const first = await pruned.backUp();
  machine.write("a", "y".repeat(100_000));
  await pruned.backUp();
  await pruned.remove(first);
  clock.pass(DAY);
  await pruned.prune();
  clock.pass(DAY);
  machine.events.length = 0;
  const { blobsRemoved, leftoversRemoved } = await pruned.prune();
  assert.ok(blobsRemoved > 0);
  assert.ok(progressOf(machine.events, "survey").length > 0);
  const removed = progressOf(machine.events, "prune").at(-1)!;
  assert.equal(removed.entriesFound, blobsRemoved + leftoversRemoved);
  assert.ok(removed.entriesDone > 0 && removed.allKnown);
});

Deno.test("a drill tells which file it is at, and how many objects are compared", async () => {
  await using machine = await Machine.make();
  for (const name of ["a", "b", "c"]) machine.write(name, name.repeat(1000));
  await machine.backUp();
  const { indexPath, chunkSizeBytes: averageBytes, name } = machine.options;
  const chunker = { seed: fromHex(readHostKeys(indexPath)!.chunkerSeed), averageBytes };
  machine.events.length = 0;
  const drill = await drillSource(machine.tools(), {
    ...{ indexPath, names: [name], chunker, files: 2, bytes: 10_000, random: seeded(1) },
  });
  const files = progressOf(machine.events, "drill");
  assert.equal(drill.files, 2);
  assert.equal(files.at(-1)!.entriesFound, 2);
  assert.ok(files.every(({ path }) => path!.startsWith(machine.data)));
  const objects = progressOf(machine.events, "objects").at(-1)!;
  assert.deepEqual([objects.entriesDone, objects.entriesFound], [drill.objects, drill.objects]);
});
