import assert from "node:assert/strict";
import fc from "fast-check";
import { rewriteSuspicion, type Rewriting, type RootState, suspicions } from "../../src/model/guard.ts";

const HALF = { files: 0.5, bytes: 0.5 };
const MIB = 2 ** 20;
const EXT4 = 0xef53;
const TMPFS = 0x1021994;

function root(change: Partial<RootState> = {}): RootState {
  return { path: "/data", files: 1000, bytes: 100 * MIB, mount: { at: "/data", type: EXT4 }, ...change };
}

const CASES: [what: string, before: RootState, now: RootState, reason: string | undefined][] = [
  ["as before", root(), root(), undefined],
  ["empty", root(), root({ files: 0, bytes: 0 }), "is empty, it had 1,000 files"],
  [
    "empty, of one file",
    root({ files: 1, bytes: 1 }),
    root({ files: 0, bytes: 0 }),
    "is empty, it had 1 file",
  ],
  ["empty as before", root({ files: 0, bytes: 0 }), root({ files: 0, bytes: 0 }), undefined],
  ["half of its files", root(), root({ files: 500 }), undefined],
  [
    "less than half of its files",
    root(),
    root({ files: 499 }),
    "lost 50% of its files, 1,000 before and 499 now",
  ],
  ["few files", root({ files: 19 }), root({ files: 1 }), undefined],
  [
    "just enough files",
    root({ files: 20 }),
    root({ files: 9 }),
    "lost 55% of its files, 20 before and 9 now",
  ],
  ["half of its bytes", root(), root({ bytes: 50 * MIB }), undefined],
  [
    "a third of its bytes",
    root(),
    root({ bytes: 30 * MIB }),
    "lost 70% of its bytes, 100 MiB before and 30 MiB now",
  ],
  ["less bytes of few files", root({ files: 99 }), root({ files: 99, bytes: MIB }), undefined],
  ["few bytes", root({ bytes: MIB - 1 }), root({ bytes: 0 }), undefined],
  [
    "one file that was cut short",
    root({ files: 1, isFile: true, bytes: 64 * 1024 }),
    root({ files: 1, isFile: true, bytes: 32 * 1024 - 1 }),
    "lost 50% of its bytes, 64 KiB before and 32 KiB now",
  ],
  [
    "one file that lost half",
    root({ files: 1, isFile: true, bytes: 64 * 1024 }),
    root({ files: 1, isFile: true, bytes: 32 * 1024 }),
    undefined,
  ],
  [
    "one small file",
    root({ files: 1, isFile: true, bytes: 64 * 1024 - 1 }),
    root({ files: 1, isFile: true, bytes: 0 }),
    undefined,
  ],
  ["a directory with one file", root({ files: 1, bytes: MIB }), root({ files: 1, bytes: 0 }), undefined],
  ["more of all", root(), root({ files: 9999, bytes: 9999 * MIB }), undefined],
  [
    "another file system",
    root(),
    root({ mount: { at: "/", type: EXT4 } }),
    'is on the file system at "/", it was on the one at "/data"',
  ],
  [
    "another kind of file system",
    root(),
    root({ mount: { at: "/data", type: TMPFS } }),
    "is on a file system of another type",
  ],
  ["an unknown file system", root(), root({ mount: undefined }), undefined],
  [
    "empty on another file system",
    root(),
    root({ files: 0, bytes: 0, mount: { at: "/", type: EXT4 } }),
    'is on the file system at "/", it was on the one at "/data", and is empty, it had 1,000 files',
  ],
];
for (const [what, before, now, reason] of CASES) {
  Deno.test(`suspicions() of a path that is ${what}`, () => {
    const expected = reason === undefined ? [] : [{ path: "/data", reason }];
    assert.deepEqual(suspicions([before], [now], HALF), expected);
  });
}

Deno.test("suspicions() compares paths that both backups have, by the limits that are given", () => {
  const other = root({ path: "/other" });
  assert.deepEqual(suspicions([root()], [other], HALF), []);
  assert.deepEqual(suspicions([], [root({ files: 0 })], HALF), []);
  const smaller = root({ files: 850, bytes: 85 * MIB });
  assert.deepEqual(suspicions([root()], [smaller], HALF), []);
  assert.equal(suspicions([root()], [smaller], { files: 0.1, bytes: 1 }).length, 1);
  assert.equal(suspicions([root()], [smaller], { files: 1, bytes: 0.1 }).length, 1);
  assert.deepEqual(suspicions([root()], [root({ files: 1, bytes: 1 })], { files: 1, bytes: 1 }), []);
  const two = suspicions([root(), other], [root({ files: 0 }), { ...other, files: 0 }], HALF);
  assert.deepEqual(two.map(({ path }) => path), ["/data", "/other"]);
});

const rewriting: Rewriting = {
  name: "home",
  filesBefore: 1000,
  filesChanged: 900,
  bytesNew: 100 * MIB,
  bytesStored: 101 * MIB,
};
const REWRITES: [what: string, change: Partial<Rewriting>, isSuspicious: boolean][] = [
  ["most files, which do not compress any more", {}, true],
  ["most files, which compress", { bytesStored: 60 * MIB }, false],
  ["half of the files", { filesChanged: 500 }, false],
  ["more than half", { filesChanged: 501 }, true],
  ["few files", { filesBefore: 19, filesChanged: 19 }, false],
  ["little", { bytesNew: MIB - 1, bytesStored: MIB }, false],
];
for (const [what, change, isSuspicious] of REWRITES) {
  Deno.test(`rewriteSuspicion() of a run that rewrote ${what}`, () => {
    assert.equal(rewriteSuspicion({ ...rewriting, ...change }) !== undefined, isSuspicious);
  });
}

/** A directory of someone at work: each run some files are made, grow, shrink or go. */
class WorkedOn {
  readonly #next: () => number;
  readonly #sizes: number[];

  constructor(next: () => number, count: number) {
    this.#next = next;
    this.#sizes = Array.from({ length: count }, () => this.#size());
  }

  get state(): RootState {
    return root({ files: this.#sizes.length, bytes: this.#sizes.reduce((sum, size) => sum + size, 0) });
  }

  edit(): void {
    const edits = 1 + Math.floor(this.#next() * this.#sizes.length / 10);
    for (let i = 0; i < edits; i++) {
      const at = Math.floor(this.#next() * this.#sizes.length);
      const what = this.#next();
      if (what < 0.3) this.#sizes.push(this.#size());
      else if (what < 0.58 && this.#sizes.length > 1) this.#sizes.splice(at, 1);
      else this.#sizes[at] = this.#size();
    }
  }

  /** From bytes to 100 MiB, most of them small, as files are. */
  #size(): number {
    const x = this.#next();
    return Math.floor(2 ** (5 + 21.7 * x * x * x));
  }
}

/** Mulberry32: the same edits in every run of this test. */
function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

Deno.test("everyday work raises at most one false alarm in 1,000 runs", () => {
  let [alarms, runs] = [0, 0];
  for (const count of [1, 5, 20, 50, 200, 1000]) {
    for (let seed = 0; seed < 10; seed++) {
      const worked = new WorkedOn(random(seed * 7919 + count), count);
      let good = worked.state;
      for (let run = 0; run < 200; run++, runs++) {
        worked.edit();
        // Who is alarmed looks, and accepts.
        if (suspicions([good], [worked.state], HALF).length > 0) alarms++;
        good = worked.state;
      }
    }
  }
  assert.equal(runs, 12_000);
  assert.ok(alarms <= runs / 1000, `${alarms} false alarms in ${runs} runs`);
});

Deno.test("a loss that is beyond a limit is never missed, and one within it never reported", () => {
  const share = fc.integer({ min: 1, max: 100 }).map((percent) => percent / 100);
  const property = fc.property(
    fc.integer({ min: 20, max: 1e6 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    share,
    share,
    (files, kept, fileShare, byteShare) => {
      const left = Math.max(1, Math.round(files * kept));
      const now = root({ files: left, bytes: left * MIB });
      const found = suspicions([root({ files, bytes: files * MIB })], [now], {
        files: fileShare,
        bytes: byteShare,
      });
      const limit = files < 100 ? fileShare : Math.min(fileShare, byteShare);
      assert.equal(found.length > 0, left < files * (1 - limit));
    },
  );
  fc.assert(property);
});
