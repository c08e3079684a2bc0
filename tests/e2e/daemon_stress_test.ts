import assert from "node:assert/strict";
import { seeded } from "../../src/base/chance.ts";
import { testSeed } from "../fixtures/random.ts";
import { testOfExecutable } from "./vaultik.ts";
import { changeAndCompare, changeWhileStopped } from "./daemon_changes.ts";

// Ten minutes of the first and 50,000 files in the second: `deno task soak changes`, `deno task soak stopped`.
const SECONDS = 10;
const DIRECTORIES = 500;
/** Those in directories that were there before, half of them, leave three events each in a queue that holds 16,384. */
const FILES = 12_000;
const seed = testSeed();

for (const watcher of ["inotify", "deno"]) {
  testOfExecutable(
    `${watcher}: after each burst of ${SECONDS} seconds of random changes the daemon's snapshot is the tree`,
    async () => {
      console.log(`VAULTIK_TEST_SEED=${seed}`);
      assert.ok(await changeAndCompare(SECONDS, seeded(seed), watcher) > 1);
    },
  );
}

testOfExecutable(
  `a daemon that was stopped while ${FILES} files changed in ${DIRECTORIES} directories sees them all`,
  async () => {
    await changeWhileStopped(FILES, DIRECTORIES);
  },
);
