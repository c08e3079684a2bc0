import assert from "node:assert/strict";
import { atLeast } from "../../src/base/at_least.ts";
import { EnvironmentError, UnavailableError, UsageError } from "../../src/base/errors.ts";
import { openRcloneStore } from "../../src/store/rclone.ts";
import { retrying } from "../../src/store/retrying.ts";
import { silent } from "../../src/report/events.ts";
import { findVersitygw, startVersitygw } from "../fixtures/s3_server.ts";
import { addS3, findRclone, makeRemotes, type Remotes, serveDav, serveFolders } from "../fixtures/rclone.ts";
import { namesOf, text } from "./objects.ts";
import { storeConformance } from "./conformance.ts";

const program = findRclone();
const ignore = program === undefined;
const reason = ignore ? " (rclone is not installed)" : "";

storeConformance(
  `RcloneStore on a directory${reason}`,
  async () => {
    const remotes = await makeRemotes(program!);
    const store = await openRcloneStore(remotes.location("disk", "some/path"), {
      ...remotes.options,
      create: true,
    });
    return { store, cleanup: () => remotes[Symbol.asyncDispose]() };
  },
  { createOnly: "looked", checksHashes: false, keepsConnections: true, manyObjects: 300 },
  { ignore },
);

storeConformance(
  `RcloneStore on WebDAV${reason}`,
  async () => {
    const remotes = await makeRemotes(program!);
    const server = await serveDav(program!, remotes);
    const store = await openRcloneStore(remotes.location("dav"), remotes.options);
    const cleanup = async () => {
      await server[Symbol.asyncDispose]();
      await remotes[Symbol.asyncDispose]();
    };
    return { store, cleanup };
  },
  { createOnly: "looked", checksHashes: false, keepsConnections: true, manyObjects: 40 },
  { ignore },
);

const versitygw = findVersitygw();
const noServer = versitygw === undefined ? " (versitygw is not installed)" : "";

storeConformance(
  `RcloneStore on S3${reason}${noServer}`,
  async () => {
    const remotes = await makeRemotes(program!);
    const server = await startVersitygw(versitygw!);
    const store = await openRcloneStore(await addS3(remotes, server), remotes.options);
    const cleanup = async () => {
      await server[Symbol.asyncDispose]();
      await remotes[Symbol.asyncDispose]();
    };
    return { store, cleanup };
  },
  { createOnly: "looked", checksHashes: false, keepsConnections: true, manyObjects: 1005 },
  { ignore: ignore || versitygw === undefined },
);

function rcloneTest(name: string, run: (remotes: Remotes) => Promise<void>): void {
  Deno.test({
    name: `RcloneStore ${name}${reason}`,
    ignore,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await using remotes = await makeRemotes(program!);
      await run(remotes);
    },
  });
}

rcloneTest("names a remote or a directory that is not there", async (remotes) => {
  await using unknown = await openRcloneStore(remotes.location("nas", "x"), remotes.options);
  await assert.rejects(unknown.get("a"), (error: Error) => {
    return error instanceof UsageError &&
      /"rclone:\/\/nas\/x": rclone has no remote of that name/.test(error.message);
  });
  await using missing = await openRcloneStore(remotes.location("disk", "no/where"), remotes.options);
  for (const look of [namesOf(missing.list("")), missing.size("a"), missing.put("a", text("x"))]) {
    await assert.rejects(look, /Cannot open "rclone:\/\/disk\/no\/where" as a store: no such directory/);
  }
  assert.deepEqual([...Deno.readDirSync(`${remotes.directory}/data`)], []);
});

rcloneTest("says that a remote does not answer, in a way that is tried again", async (remotes) => {
  await Deno.writeTextFile(remotes.config, "[off]\ntype = webdav\nurl = http://127.0.0.1:1\n");
  const rcloneEnv = { ...remotes.options.rcloneEnv, RCLONE_LOW_LEVEL_RETRIES: "1" };
  await using store = await openRcloneStore(remotes.location("off"), { ...remotes.options, rcloneEnv });
  await assert.rejects(store.size("a"), UnavailableError);
});

rcloneTest("shows no object before it is whole, and removes what a crash left", async (remotes) => {
  const data = `${remotes.directory}/data`;
  await using store = await openRcloneStore(remotes.location("disk"), remotes.options);
  await store.put("a/b", text("x"));
  const [fresh, old] = ["1", "2"].map((digit) => `~${digit.repeat(8)}-0000-4000-8000-000000000000.tmp`);
  for (const name of [fresh, old]) await Deno.writeTextFile(`${data}/a/${name}`, "half");
  const longAgo = new Date(Date.now() - 25 * 3600_000);
  await Deno.utime(`${data}/a/${old}`, longAgo, longAgo);
  assert.deepEqual(await namesOf(store.list("")), ["a/b"]);
  assert.deepEqual([...Deno.readDirSync(`${data}/a`)].map(({ name }) => name).sort(), ["b", fresh]);
});

rcloneTest("does not take a directory that went away for an empty store", async (remotes) => {
  const data = `${remotes.directory}/data`;
  await using store = await openRcloneStore(remotes.location("disk"), remotes.options);
  await store.put("a/b", text("x"));
  await Deno.rename(data, `${data}-away`);
  const gone = (error: Error) =>
    error instanceof EnvironmentError && /was a disk unmounted/.test(error.message);
  for (
    const look of [
      () => namesOf(store.list("a/")),
      () => store.folders!(""),
      () => store.size("a/b"),
      () => store.get("a/b"),
      () => store.remove("a/b"),
      () => store.put("a/c", text("y"), { createOnly: true }),
    ]
  ) await assert.rejects(look(), gone);
  await assert.rejects(Deno.stat(data), Deno.errors.NotFound);
  await Deno.rename(`${data}-away`, data);
  assert.deepEqual(await namesOf(store.list("")), ["a/b"]);
});

rcloneTest("gives no listing that lacks all because one directory in it is not there", async (remotes) => {
  let isThere = false;
  const server = serveFolders(() => ({
    "/": ["/hosts/"],
    "/hosts/": ["/hosts/a/", "/hosts/b/", "/hosts/c"],
    "/hosts/a/": ["/hosts/a/1"],
    ...(isThere ? { "/hosts/b/": ["/hosts/b/2"] } : {}),
  }));
  await Deno.writeTextFile(remotes.config, `[odd]\ntype = webdav\nurl = ${server.url}\n`);
  await using store = await openRcloneStore(remotes.location("odd"), remotes.options);
  await assert.rejects(namesOf(store.list("hosts/")), UnavailableError);
  assert.deepEqual(await namesOf(store.list("nothing/")), []);
  isThere = true;
  assert.deepEqual(await namesOf(store.list("hosts/")), ["hosts/a/1", "hosts/b/2", "hosts/c"]);
  await server.close();
});

rcloneTest("lists once what the remote keeps several times under one name", async (remotes) => {
  const server = serveFolders(() => ({
    "/": ["/a/", "/a/"],
    "/a/": ["/a/1", "/a/2", "/a/1"],
  }));
  await Deno.writeTextFile(remotes.config, `[odd]\ntype = webdav\nurl = ${server.url}\n`);
  await using store = await openRcloneStore(remotes.location("odd"), remotes.options);
  assert.deepEqual(await namesOf(store.list("a/")), ["a/1", "a/2"]);
  assert.deepEqual(await store.folders!(""), ["a"]);
  await server.close();
});

/** As a user may have set them for copies of their own. */
const OF_OTHERS = {
  RCLONE_DRY_RUN: "true",
  RCLONE_EXCLUDE: "*.zst",
  RCLONE_MAX_DEPTH: "1",
  RCLONE_MIN_SIZE: "1k",
};

Deno.test({
  name: `RcloneStore stores and lists all, whatever rclone has to leave out elsewhere${reason}${noServer}`,
  ignore: ignore || versitygw === undefined,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    await using remotes = await makeRemotes(program!);
    await using server = await startVersitygw(versitygw!);
    const name = "snapshots/a/manifest.json.zst";
    for (const location of [remotes.location("disk"), await addS3(remotes, server)]) {
      for (const [variable, value] of Object.entries(OF_OTHERS)) {
        await t.step(`${location.remote}, ${variable}`, async () => {
          const rcloneEnv = { ...remotes.options.rcloneEnv, [variable]: value };
          await using store = await openRcloneStore(location, {
            ...remotes.options,
            rcloneEnv,
            create: true,
          });
          await store.put(name, text("x"));
          assert.deepEqual(await namesOf(store.list("snapshots/")), [name]);
          await store.remove(name);
          assert.equal(await store.size(name), undefined);
        });
      }
    }
  },
});

/** A program that notes its process id in `pid`, then becomes rclone. */
async function noted(remotes: Remotes): Promise<string> {
  const script = `${remotes.directory}/noted`;
  await Deno.writeTextFile(script, `#!/bin/sh\necho $$ > ${remotes.directory}/pid\nexec ${program} "$@"\n`, {
    mode: 0o755,
  });
  return script;
}

rcloneTest("says so when rclone died", async (remotes) => {
  const options = { ...remotes.options, program: await noted(remotes) };
  await using store = retrying(await openRcloneStore(remotes.location("disk"), options), silent);
  await store.put("a", text("x"));
  Deno.kill(Number(await Deno.readTextFile(`${remotes.directory}/pid`)), "SIGKILL");
  await assert.rejects(store.get("a"), (error: Error) => {
    return error instanceof EnvironmentError &&
      /Cannot use rclone: it ended with code 137/.test(error.message);
  });
});

rcloneTest("keeps its password to itself, and ends rclone when it is killed", async (remotes) => {
  const { directory, config } = remotes;
  const source = new URL("../../src/store/rclone.ts", import.meta.url);
  const script = `import { openRcloneStore } from "${source}";
    const store = await openRcloneStore({ remote: "disk", path: "" }, { program: "${await noted(remotes)}" });
    await store.put("a", new Uint8Array(5));
    console.log("ready");
    await new Promise(() => setTimeout(() => {}, 1e9));`;
  const temporary = `${directory}/tmp`;
  await Deno.mkdir(temporary);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", "--config", new URL("../../deno.json", import.meta.url).pathname, script],
    env: { RCLONE_CONFIG: config, TMPDIR: temporary, VAULTIK_AGE_SECRET_KEY: "AGE-SECRET-KEY-1TEST" },
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  assert.equal(new TextDecoder().decode((await reader.read()).value), "ready\n");
  reader.releaseLock();

  const pid = (await Deno.readTextFile(`${directory}/pid`)).trim();
  const environment = await Deno.readTextFile(`/proc/${pid}/environ`);
  assert.doesNotMatch(environment, /VAULTIK_|AGE-SECRET-KEY/);
  const secrets = environment.match(/(?<=RCLONE_RC_(USER|PASS)=)\w+/g);
  const shown = await Deno.readTextFile(`/proc/${pid}/cmdline`);
  assert.equal(secrets?.length, 2);
  for (const secret of secrets!) assert.ok(secret.length >= 32 && !shown.includes(secret));
  const [own] = atLeast(1, [...Deno.readDirSync(temporary)]);
  assert.equal(Deno.statSync(`${temporary}/${own.name}`).mode! & 0o777, 0o700);

  child.kill("SIGKILL");
  await child.stdout.cancel();
  await child.status;
  // The shell that keeps rclone removes the directory when rclone is gone; a watch cannot miss it that looks first.
  const watcher = Deno.watchFs(temporary);
  while ([...Deno.readDirSync(temporary)].length > 0) await watcher[Symbol.asyncIterator]().next();
  watcher.close();
  assert.throws(() => Deno.statSync(`/proc/${pid}`), Deno.errors.NotFound);
});

Deno.test("RcloneStore says that rclone is missing, too old, or something else", async () => {
  const directory = await Deno.makeTempDir({ prefix: "vaultik-rclone-test-" });
  try {
    const table: [string | undefined, RegExp][] = [
      [undefined, /^Cannot find rclone: it is not installed, or not in PATH; needed is 1\.60 or later$/],
      ["rclone v1.53.3-DEV", /^Cannot use rclone 1\.53: it is too old; needed is 1\.60 or later$/],
      ["hello", /it does not say that it is rclone/],
    ];
    for (const [says, expected] of table) {
      const program = `${directory}/${says?.length ?? "none"}`;
      if (says !== undefined) {
        await Deno.writeTextFile(program, `#!/bin/sh\necho '${says}'\n`, { mode: 0o755 });
      }
      const opened = openRcloneStore({ remote: "disk", path: "" }, { program });
      await assert.rejects(
        opened,
        (error: Error) => error instanceof UsageError && expected.test(error.message),
      );
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
