import assert from "node:assert/strict";
import { fromHex } from "../../../src/base/bytes.ts";
import { seeded } from "../../../src/base/chance.ts";
import { Index } from "../../../src/index/index.ts";
import { DrillFindings } from "../../../src/operations/drill/findings.ts";
import { cutBeginning, locateCut } from "../../../src/operations/drill/large_file.ts";
import { drillSource } from "../../../src/operations/drill/source_drill.ts";
import { readHostKeys } from "../../../src/operations/host_keys.ts";
import { cString } from "../../../src/platform/libc.ts";
import { openFile } from "../../../src/platform/no_links.ts";
import { closeFile } from "../../../src/platform/read.ts";
import { randomBytes } from "../../chunk/random.ts";
import { Machine } from "../machine.ts";

const SIZE = 1_400_000;
const AVERAGE = 1 << 10;

/** A machine that has backed up a file of so many chunks that they are in list pages. */
async function machineWithLarge() {
  const machine = await Machine.make({ chunkSizeBytes: AVERAGE, blobSizeBytes: 1 << 18 });
  machine.write("large", randomBytes(3, SIZE));
  await machine.backUp();
  const { indexPath } = machine.options;
  const seed = fromHex(readHostKeys(indexPath)!.chunkerSeed);
  return { machine, indexPath, chunker: { seed, averageBytes: AVERAGE } };
}

/** What is found of the file as it is now. */
function found(machine: Machine, averageBytes: number, seed: Uint8Array): DrillFindings {
  const findings = new DrillFindings();
  const fd = openFile(cString(`${machine.data}/large`));
  try {
    const entry = { path: "", kind: "file", mode: 0, uid: 0, gid: 0, mtime: "0", size: SIZE } as const;
    const chunks = cutBeginning(fd, entry, { seed, averageBytes }, 100_000);
    assert.ok(chunks.length > 0);
    using index = new Index(machine.options.indexPath);
    locateCut(index, [{ path: "large", chunks }], findings);
  } finally {
    closeFile(fd);
  }
  return findings;
}

Deno.test("a drill cuts a very large file again, and finds its chunks in the index and their blobs in the store", async () => {
  const { machine, indexPath, chunker } = await machineWithLarge();
  await using _ = machine;
  const options = {
    ...{ indexPath, chunker, names: [machine.options.name], files: 3, bytes: 300_000 },
    random: seeded(1),
  };
  const drill = await drillSource(machine.tools(), options);
  assert.deepEqual([drill.result, drill.files, drill.problems], ["good", 1, []]);
  assert.ok(drill.bytes > 50_000 && drill.bytes <= 100_000, String(drill.bytes));
  assert.ok(drill.objects > 0);
  for (const name of await machine.objects()) if (name.startsWith("blobs/")) await machine.store.remove(name);
  const damaged = await drillSource(machine.tools(), { ...options, random: seeded(1) });
  assert.equal(damaged.result, "damaged");
  assert.match(damaged.problems[0]!.state, /is missing/);
});

Deno.test("bytes that a disk has changed in a very large file are a problem, another chunk size is none", async () => {
  const { machine, chunker: { seed } } = await machineWithLarge();
  await using _ = machine;
  assert.equal(found(machine, AVERAGE, seed).result, "good");
  assert.equal(found(machine, 4 * AVERAGE, seed).result, "incomplete");
  machine.write("large", randomBytes(3, SIZE).fill(0, 40_000, 40_010));
  assert.equal(found(machine, AVERAGE, seed).result, "damaged");
});
