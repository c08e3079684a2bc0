import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { atLeast } from "../../../src/base/at_least.ts";
import { sha256Hex } from "../../../src/base/digest.ts";
import { toHex } from "../../../src/base/bytes.ts";
import { type NoCalls, Peer, type Port } from "../../../src/threads/rpc.ts";
import { chunkSizes, Cutter } from "../../../src/chunk/fastcdc.ts";
import { gearTable } from "../../../src/chunk/gear.ts";
import type { Claim, ReaderNeeds } from "../../../src/operations/backup/messages.ts";
import type { ReadOutcome } from "../../../src/write/read_outcome.ts";
import { BufferRing } from "../../../src/write/buffer_ring.ts";
import { emptyBlob } from "../../../src/write/empty_blob.ts";
import { FileReader } from "../../../src/operations/backup/file_reader.ts";
import { packPaths } from "../../../src/model/path.ts";
import { AT_FDCWD, c, cString, isPortable } from "../../../src/platform/libc.ts";
import { Stat } from "../../../src/platform/stat.ts";
import { makeNode } from "../../../src/platform/write.ts";
import { copyStamp, STAMP_BYTES } from "../../../src/scan/stamp.ts";
import { randomBytes } from "../../chunk/random.ts";
import { inDirectory } from "../../scan/walked.ts";
import { KEYS } from "../machine.ts";

const SEED = new Uint8Array(32);
const SIZES = chunkSizes(1 << 14);
const MIB = 1 << 20;

/** A reader, and its other side: which chunks it claims for each file, and the blobs it sends. */
class ReaderUnderTest implements Disposable {
  readonly #channel = new MessageChannel();
  readonly reader: FileReader;
  /** Ids and lengths by file. */
  readonly claimed = new Map<number, { id: string; length: number }[]>();
  claims = 0;
  blobs = 0;
  onClaim: () => void = () => {};
  wants = 1;

  constructor() {
    const peer = new Peer<ReaderNeeds>(this.#channel.port1 as unknown as Port);
    new Peer<NoCalls, ReaderNeeds>(this.#channel.port2 as unknown as Port, {
      claim: (claim) => this.#claim(claim),
      takeEmpty: ({ plainBytes }) =>
        emptyBlob([KEYS.recipient], new BufferRing({ count: 1, sizeBytes: MIB }), plainBytes),
      store: () => void this.blobs++,
      pull: () => ({ fault: "no streams here" }),
    });
    const options = { seed: SEED, chunkSizeBytes: SIZES.average, compressionLevel: 1 };
    this.reader = new FileReader(options, peer.remote);
  }

  #claim({ groups, ids, lengths }: Claim): Uint8Array {
    this.claims++;
    let chunk = 0;
    for (let group = 0; group < groups.length; group += 3) {
      const [file, count, isRestart] = atLeast(3, [...groups.subarray(group, group + 3)]);
      if (isRestart === 1 || !this.claimed.has(file)) this.claimed.set(file, []);
      for (const end = chunk + count; chunk < end; chunk++) {
        const id = toHex(ids.subarray(chunk * 32, (chunk + 1) * 32));
        this.claimed.get(file)!.push({ id, length: lengths[chunk]! });
      }
    }
    this.onClaim();
    return new Uint8Array(lengths.length).fill(this.wants);
  }

  async read(...paths: string[]): Promise<ReadOutcome[]> {
    const stamps = new Uint8Array(paths.length * STAMP_BYTES);
    paths.forEach((path, i) => {
      const stat = new Stat();
      if (stat.at(AT_FDCWD, cString(path))) copyStamp(stat.bytes, stamps, i * STAMP_BYTES);
    });
    const outcomes = await this.reader.read({ batch: 1, paths: packPaths(paths), stamps });
    await this.reader.flush();
    return outcomes;
  }

  [Symbol.dispose](): void {
    this.#channel.port1.close();
    this.#channel.port2.close();
  }
}

function chunksOf(bytes: Uint8Array): { id: string; length: number }[] {
  const cutter = new Cutter(gearTable(SEED), SIZES);
  const chunks: { id: string; length: number }[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = cutter.cut(bytes, at, bytes.length);
    chunks.push({ id: sha256Hex(bytes.subarray(at, end)), length: end - at });
    at = end;
  }
  return chunks;
}

Deno.test("FileReader claims the chunks of each file of a batch, and has nothing to tell of most", () =>
  inDirectory(async (directory) => {
    const sizes = [1, 4096, 4097, 70_000, 0, MIB, 3 * MIB + 7, 5, SIZES.max, MIB + SIZES.max, 9];
    const files = sizes.map((size, i) => ({ path: `${directory}/${i}`, bytes: randomBytes(i + 1, size) }));
    for (const { path, bytes } of files) Deno.writeFileSync(path, bytes);
    using tested = new ReaderUnderTest();
    assert.deepEqual(await tested.read(...files.map(({ path }) => path)), []);
    files.forEach(({ bytes }, i) =>
      assert.deepEqual(tested.claimed.get(i), chunksOf(bytes), `${bytes.length} bytes`)
    );
    assert.ok(tested.blobs > 3);
  }));

Deno.test("FileReader sends nothing where nothing is wanted", () =>
  inDirectory(async (directory) => {
    Deno.writeFileSync(`${directory}/a`, randomBytes(1, MIB));
    using tested = new ReaderUnderTest();
    tested.wants = 0;
    await tested.read(`${directory}/a`);
    assert.deepEqual([tested.blobs, tested.claimed.get(0)], [0, chunksOf(randomBytes(1, MIB))]);
  }));

Deno.test("FileReader reads a file that is changed under its eyes again, and tells nothing if that helps", () =>
  inDirectory(async (directory) => {
    const path = `${directory}/a`;
    Deno.writeFileSync(path, randomBytes(1, 3 * MIB));
    using tested = new ReaderUnderTest();
    tested.onClaim = () => {
      if (tested.claims === 1) Deno.writeFileSync(path, randomBytes(2, 3 * MIB));
    };
    const [outcome] = atLeast(1, await tested.read(path));
    assert.equal(outcome.changed, undefined);
    assert.notEqual(outcome.stat, undefined, "it is not what the scan saw");
    assert.deepEqual(tested.claimed.get(0), chunksOf(randomBytes(2, 3 * MIB)));
  }));

Deno.test("FileReader tells of a file that keeps changing", () =>
  inDirectory(async (directory) => {
    const path = `${directory}/a`;
    Deno.writeFileSync(path, randomBytes(1, 3 * MIB));
    Deno.writeFileSync(`${directory}/b`, randomBytes(2, 100));
    using tested = new ReaderUnderTest();
    tested.onClaim = () => Deno.utimeSync(path, tested.claims, tested.claims);
    const outcomes = await tested.read(path, `${directory}/b`);
    assert.deepEqual(outcomes.map(({ file, changed }) => [file, changed]), [[0, true]]);
    assert.deepEqual(tested.claimed.get(0), chunksOf(randomBytes(1, 3 * MIB)));
    assert.deepEqual(tested.claimed.get(1), chunksOf(randomBytes(2, 100)));
  }));

Deno.test("FileReader reads what there is of a file that keeps getting shorter, and the next file whole", () =>
  inDirectory(async (directory) => {
    const path = `${directory}/a`;
    const bytes = randomBytes(1, 32 * MIB);
    Deno.writeFileSync(path, bytes);
    Deno.writeFileSync(`${directory}/b`, randomBytes(2, 50_000));
    using tested = new ReaderUnderTest();
    tested.onClaim = () => Deno.truncateSync(path, Math.max(0, (31 - tested.claims) * MIB));
    const [outcome] = atLeast(1, await tested.read(path, `${directory}/b`));
    assert.deepEqual([outcome.file, outcome.changed], [0, true]);
    let at = 0;
    for (const { id, length } of tested.claimed.get(0) ?? []) {
      assert.equal(id, sha256Hex(bytes.subarray(at, at += length)), "its chunks are a front of the file");
    }
    assert.ok(at > MIB, "all that there was to read is kept");
    assert.equal(outcome.length, at);
    assert.deepEqual(tested.claimed.get(1), chunksOf(randomBytes(2, 50_000)));
  }));

const GONE: [what: string, change: (path: string) => void, outcome: Partial<ReadOutcome>][] = [
  ["is gone", () => {}, { vanished: true }],
  ["is a directory now", (path) => Deno.mkdirSync(path), { unreadable: "it is no regular file any more" }],
  ["is a FIFO now", (path) => makeNode(path, "fifo", [0, 0]), {
    unreadable: "it is no regular file any more",
  }],
  ["is a symbolic link now", (path) => Deno.symlinkSync("/etc/passwd", path), { vanished: false }],
];

for (const [what, change, expected] of GONE) {
  Deno.test(`FileReader tells of a file that ${what}, and reads the others`, () =>
    inDirectory(async (directory) => {
      for (const name of ["a", "c"]) Deno.writeTextFileSync(`${directory}/${name}`, name);
      change(`${directory}/b`);
      using tested = new ReaderUnderTest();
      const outcomes = await tested.read(...["a", "b", "c"].map((name) => `${directory}/${name}`));
      assert.deepEqual(outcomes.map(({ file }) => file), [1]);
      assert.notEqual(outcomes[0]!.unreadable, undefined);
      for (const [member, value] of Object.entries(expected)) {
        assert.equal(outcomes[0]![member as keyof ReadOutcome], value);
      }
      assert.deepEqual(tested.claimed.get(2), chunksOf(new TextEncoder().encode("c")));
    }));
}

Deno.test({
  name: "FileReader tells that a file which is there was not found when it was read, not that it is gone",
  ignore: isPortable,
  fn: () =>
    inDirectory(async (directory) => {
      Deno.writeTextFileSync(`${directory}/a`, "a");
      const { pread } = c;
      // Sets the error number.
      c.pread = () => c.open(cString(`${directory}/none`), 0, 0);
      try {
        using tested = new ReaderUnderTest();
        const [outcome] = atLeast(1, await tested.read(`${directory}/a`));
        assert.deepEqual(outcome, { file: 0, unreadable: "no such file or directory", vanished: false });
      } finally {
        c.pread = pread;
      }
    }),
});

/** The kernel makes these up: it says that one has no bytes, of the other that it has a page full. */
const UNTRUE: [path: string, said: string][] = [
  ["/proc/version", "none"],
  ["/sys/kernel/mm/transparent_hugepage/enabled", "4096"],
];

for (const [path, said] of UNTRUE) {
  const isThere = existsSync(path);
  Deno.test({
    name: `FileReader reads all of ${path}, of which the system says that it has ${said} bytes` +
      (isThere ? "" : " (skipped: it is not there)"),
    ignore: !isThere,
    async fn() {
      const contents = new TextEncoder().encode(readFileSync(path, "utf8"));
      using tested = new ReaderUnderTest();
      const [outcome] = atLeast(1, await tested.read(path));
      assert.deepEqual(tested.claimed.get(0), chunksOf(contents));
      assert.equal(outcome.length, contents.length);
    },
  });
}
