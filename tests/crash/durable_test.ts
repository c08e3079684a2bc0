import "./patched.ts";
import assert from "node:assert/strict";
import { pendingOf } from "./crash_states.ts";
import { recorder } from "./recorder.ts";

const { makeDirectoryDurably, writeDurably } = await import("../../src/platform/durable_file.ts");
const { openFileStore } = await import("../../src/store/file.ts");
const { retrying } = await import("../../src/store/retrying.ts");
const { silent } = await import("../../src/report/events.ts");
const { loadHostKeys } = await import("../../src/operations/host_keys.ts");

/** The calls of `work` of which a loss of power could still take something after it has ended. */
async function mayBeLost(work: (directory: string) => unknown): Promise<string[]> {
  const directory = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "vaultik-durable-" }));
  try {
    recorder.start(directory);
    await work(directory);
    const calls = recorder.stop();
    assert.ok(calls.length > 0, "it did something");
    return pendingOf(calls, calls.length).map((i) =>
      `${calls[i]!.kind} ${calls[i]!.path.slice(directory.length)}`
    );
  } finally {
    recorder.stop();
    Deno.removeSync(directory, { recursive: true });
  }
}

const bytes = new Uint8Array([1, 2, 3]);

for (
  const [name, work] of Object.entries<(directory: string) => unknown>({
    "a file that was written": (directory) => writeDurably(`${directory}/a`, "text"),
    "a file that was replaced": (directory) => {
      writeDurably(`${directory}/a`, "text");
      writeDurably(`${directory}/a`, "other", { replace: true });
    },
    "directories that were made": (directory) => makeDirectoryDurably(`${directory}/a/b/c`),
    "the keys of a host": (directory) => loadHostKeys(`${directory}/var/index.sqlite`),
    "a store that was made": (directory) => openFileStore(`${directory}/mnt/store`, { create: true }),
    "an object that was put": async (directory) => {
      await using store = await openFileStore(directory);
      await store.put("a/b/c", bytes);
      await store.put("a/b/d", bytes, { createOnly: true });
    },
    "an object that a run that was killed has left, and another one finds there": async (directory) => {
      {
        using file = Deno.openSync(`${directory}/a`, { write: true, createNew: true });
        file.writeSync(bytes);
        file.syncSync();
      }
      await using store = retrying(await openFileStore(directory), silent);
      await store.put("a", bytes, { createOnly: true });
    },
    "an object that was removed": async (directory) => {
      await using store = await openFileStore(directory);
      await store.put("a/b/c", bytes);
      await store.remove("a/b/c");
    },
  })
) {
  Deno.test(`no loss of power takes back ${name}`, async () => {
    assert.deepEqual(await mayBeLost(work), []);
  });
}

Deno.test("a file that no one has waited for may be lost after a loss of power", async () => {
  const lost = await mayBeLost((directory) => Deno.writeFileSync(`${directory}/a`, bytes));
  assert.deepEqual(lost, ["create /a", "write /a"]);
});
