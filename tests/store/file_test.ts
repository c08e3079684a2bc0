import assert from "node:assert/strict";
import { atLeast } from "../../src/base/at_least.ts";
import { EnvironmentError, NotFoundError, UsageError } from "../../src/base/errors.ts";
import { readCached } from "../../src/platform/cached_file.ts";
import { openFileStore } from "../../src/store/file.ts";
import type { ObjectStore } from "../../src/store/store.ts";
import { namesOf, text } from "./objects.ts";
import { storeConformance } from "./conformance.ts";

// It is found when it is first called: that is no leak of a test.
readCached("/dev/null", 0, new Uint8Array(1));

storeConformance("FileStore", async () => {
  const directory = await Deno.makeTempDir({ prefix: "vaultik-store-" });
  const cleanup = () => Deno.remove(directory, { recursive: true });
  return { store: await openFileStore(directory), cleanup };
}, { createOnly: "atomic", checksHashes: false, keepsConnections: false, manyObjects: 1005 });

Deno.test("FileStore gives files mode 0600 and directories mode 0700", async () => {
  await withStore(async (store, directory) => {
    await store.put("a/b/c", text("x"));
    assert.equal((await Deno.stat(`${directory}/a/b/c`)).mode! & 0o777, 0o600);
    assert.equal((await Deno.stat(`${directory}/a`)).mode! & 0o777, 0o700);
    assert.equal((await Deno.stat(`${directory}/a/b`)).mode! & 0o777, 0o700);
  });
});

Deno.test("FileStore gives the same bytes whether or not the kernel has them in memory", async () => {
  await withStore(async (store, directory) => {
    const bytes = crypto.getRandomValues(new Uint8Array(60_000));
    await store.put("a", bytes);
    const drop = { args: [`of=${directory}/a`, "oflag=nocache", "conv=notrunc,fdatasync", "count=0"] };
    for (const isDropped of [false, true, false]) {
      if (isDropped) await new Deno.Command("dd", { ...drop, stderr: "null" }).output();
      const range = { offset: 4_000, length: 50_000 };
      assert.deepEqual(await store.get("a", { range }), bytes.slice(4_000, 54_000));
    }
  });
});

Deno.test("FileStore leaves no temporary files behind, also after failures", async () => {
  await withStore(async (store, directory) => {
    await store.put("a", text("x"), { createOnly: true });
    await store.put("a", text("x"));
    await store.put("a", text("x"), { createOnly: true }).catch(() => {});
    await Deno.mkdir(`${directory}/b`);
    await assert.rejects(store.put("b", text("x")), EnvironmentError);
    const entries = await Array.fromAsync(Deno.readDir(directory));
    assert.deepEqual(entries.map((entry) => entry.name).sort(), ["a", "b"]);
  });
});

Deno.test("FileStore does not list temporary files, and removes those older than a day", async () => {
  await withStore(async (store, directory) => {
    await store.put("d/a", text("x"));
    const [young, old] = atLeast(2, [1, 2].map(() => `${directory}/d/~${crypto.randomUUID()}.tmp`));
    await Deno.writeTextFile(young, "half");
    await Deno.writeTextFile(old, "half");
    const longAgo = new Date(Date.now() - 25 * 3600 * 1000);
    await Deno.utime(old, longAgo, longAgo);
    assert.deepEqual(await namesOf(store.list("")), ["d/a"]);
    await Deno.stat(young);
    await assert.rejects(Deno.stat(old), Deno.errors.NotFound);
  });
});

Deno.test("FileStore ignores files whose names are no object names", async () => {
  await withStore(async (store, directory) => {
    await store.put("a", text("x"));
    await Deno.writeTextFile(`${directory}/with space`, "");
    await Deno.mkdir(`${directory}/lost~found`);
    await Deno.writeTextFile(`${directory}/lost~found/a`, "");
    assert.deepEqual(await namesOf(store.list("")), ["a"]);
  });
});

Deno.test("FileStore does not wait for a pipe in the place of an object, which whoever writes to the directory may have made", async () => {
  await withStore(async (store, directory) => {
    await new Deno.Command("mkfifo", { args: [`${directory}/a`] }).output();
    // By a process of its own, as the one that waits for a pipe cannot end itself.
    const source = new URL("../../src/store/file.ts", import.meta.url);
    const script = `import { openFileStore } from "${source}";
      const store = await openFileStore("${directory}");
      for (const range of [undefined, { offset: 0, length: 1 }]) {
        console.log(await store.get("a", { range }).catch(({ name }) => name));
      }`;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-lock", "--config", new URL("../../deno.json", import.meta.url).pathname, script],
      stdout: "piped",
    }).spawn();
    const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
    const { stdout } = await child.output();
    clearTimeout(timer);
    assert.equal(new TextDecoder().decode(stdout), "NotFoundError\nNotFoundError\n");
    assert.equal(await store.size("a"), undefined);
  });
});

Deno.test("FileStore has no folder where all objects were removed", async () => {
  await withStore(async (store) => {
    await store.put("hosts/a/blobs/x", text("x"));
    await store.put("hosts/b/blobs/x", text("x"));
    await store.remove("hosts/a/blobs/x");
    assert.deepEqual(await store.folders!("hosts/"), ["b"]);
  });
});

Deno.test("FileStore makes a directory again that another process removed", async () => {
  await withStore(async (store, directory) => {
    await store.put("d/e/a", text("x"));
    await Deno.remove(`${directory}/d`, { recursive: true });
    await assert.rejects(store.put("d/e/a", text("x")), EnvironmentError);
    await store.put("d/e/a", text("x"));
    assert.equal(await store.size("d/e/a"), 1);
  });
});

Deno.test("openFileStore() refuses a directory that is not there, and makes it where asked to", async () => {
  const parent = await Deno.makeTempDir({ prefix: "vaultik-store-" });
  try {
    await assert.rejects(openFileStore(`${parent}/x/y`), (error: Error) => {
      assert(error instanceof UsageError);
      assert.match(error.message, /^Cannot open ".*\/x\/y" as a store: no such directory/);
      return true;
    });
    const store = await openFileStore(`${parent}/x/y`, { create: true });
    await store.put("a", text("x"));
    assert.equal((await Deno.stat(`${parent}/x/y`)).mode! & 0o777, 0o700);
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
});

Deno.test("openFileStore() refuses a file", async () => {
  const file = await Deno.makeTempFile();
  try {
    await assert.rejects(openFileStore(file), UsageError);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("FileStore does not take a listing for whole during which its directory went away", async () => {
  await withStore(async (store, directory) => {
    for (let i = 10; i < 50; i++) await store.put(`hosts/${i}/x`, text("x"));
    try {
      for (const isBack of [false, true]) {
        const listing = store.list("hosts/")[Symbol.asyncIterator]();
        await listing.next();
        await Deno.rename(directory, `${directory}.away`);
        if (isBack) await Deno.mkdir(directory);
        await assert.rejects(async () => {
          while (!(await listing.next()).done);
        }, EnvironmentError);
        if (isBack) await Deno.remove(directory);
        await Deno.rename(`${directory}.away`, directory);
      }
      assert.equal((await namesOf(store.list("hosts/"))).length, 40);
    } finally {
      await Deno.remove(`${directory}.away`, { recursive: true }).catch(() => {});
    }
  });
});

Deno.test("FileStore does not take a directory that went away for an empty store", async () => {
  await withStore(async (store, directory) => {
    await store.put("a", text("x"));
    await Deno.rename(directory, `${directory}.away`);
    try {
      for (const isBack of [false, true]) {
        if (isBack) await Deno.mkdir(directory);
        await assert.rejects(store.size("a"), EnvironmentError);
        await assert.rejects(store.get("a"), (error) => !(error instanceof NotFoundError));
        await assert.rejects(namesOf(store.list("")), EnvironmentError);
        await assert.rejects(store.remove("a"), EnvironmentError);
        await assert.rejects(store.put("b", text("x")), EnvironmentError);
      }
    } finally {
      await Deno.remove(`${directory}.away`, { recursive: true });
    }
  });
});

Deno.test({
  name: "FileStore says in one line that the disk is full",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await withStore(async (store) => {
      const original = Deno.open;
      Deno.open = (path, options) =>
        original(String(path).endsWith(".tmp") ? "/dev/full" : path, { ...options, createNew: false });
      try {
        await assert.rejects(store.put("a", text("x")), (error: Error) => {
          assert(error instanceof EnvironmentError);
          assert.match(error.message, /^Cannot write ".*\/a": no space left on the device$/);
          assert(error.cause instanceof Error);
          return true;
        });
      } finally {
        Deno.open = original;
      }
    });
  },
});

async function withStore(work: (store: ObjectStore, directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "vaultik-store-" });
  try {
    await using store = await openFileStore(directory);
    await work(store, directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
