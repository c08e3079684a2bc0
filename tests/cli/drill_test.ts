import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { atLeast } from "../../src/base/at_least.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { DrilledHost as Host } from "./drilled_host.ts";
import { hostDirectory, inDirectory, vaultik } from "./in_process.ts";

const OTHER = await generateKeyPair({ postQuantum: false });

function test(name: string, fn: (directory: string) => Promise<void>): void {
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false, fn: () => inDirectory(fn) });
}

test("a drill without a key compares files with the store, is kept there signed, and status shows it", async (directory) => {
  const host = await Host.make(directory, { drill: { interval: "1d" } });
  const before = await host.run(["status", "--check"]);
  assert.equal(before.code, 1);
  assert.match(before.stdout, /web1: it has had no drill/);
  const { code, stdout, stderr } = await host.run(["drill", "--json"]);
  assert.equal(code, 0, stderr);
  const summary = JSON.parse(stdout);
  assert.deepEqual([summary.kind, summary.result, summary.files, summary.problems], [
    "source",
    "good",
    6,
    [],
  ]);
  assert.ok(summary.objects > 0);
  const [record] = atLeast(1, host.objects("drills"));
  const kept = JSON.parse(Deno.readTextFileSync(record));
  assert.deepEqual([kept.vaultik_drill, kept.kind, kept.result, kept.files], [2, "source", "good", 6]);
  assert.ok(!JSON.stringify(kept).includes("tree"));
  const after = await host.run(["status", "--check"]);
  assert.equal(after.code, 0, after.stdout);
  assert.match(
    (await host.run(["status"])).stdout,
    /web1 +\d.* ago +ok +never: vaultik drill --identity FILE/,
  );
  assert.match(host.metrics, /^vaultik_drill_status\{host="web1",kind="source"\} 2$/m);
  assert.match(host.metrics, /^vaultik_backup_files\{/m);
});

test("of backups that were begun in one second latest is the last, and none looks like a stale index", async (directory) => {
  const host = await Host.make(directory);
  const now = new Date(Date.now() + 2_000);
  const made: string[] = [];
  for (let i = 0; i < 6; i++) {
    const created = await host.run(["snapshot", "create", "--json"], { now: () => now });
    made.push(JSON.parse(created.stdout).id);
  }
  const { stdout } = await host.run(["snapshot", "list", "--json"]);
  const listed = JSON.parse(stdout).map(({ id }: { id: string }) => id);
  assert.deepEqual(listed.slice(-6), made);
  const { code, stderr } = await host.run(["drill", "--cron"]);
  assert.equal(code, 0, stderr);
});

test("a drill with the identity restores files, canaries, and what commands look at", async (directory) => {
  const host = await Host.make(directory, {
    drill: {
      canaries: [`${directory}/tree/sub/3`],
      verify: [{
        path: `${directory}/tree/dump.sql`,
        command: ["sh", "-c", 'grep -q complete "$VAULTIK_DRILL_RESTORED"'],
      }],
    },
  });
  const { code, stdout, stderr } = await host.drillWithKey("--json", "--scratch", directory);
  assert.equal(code, 0, stderr);
  const summary = JSON.parse(stdout);
  assert.deepEqual([summary.kind, summary.result, summary.files], ["restore", "good", 6]);
  assert.deepEqual(
    [...Deno.readDirSync(directory)].filter(({ name }) => name.startsWith("vaultik-drill")),
    [],
  );
  assert.match((await host.run(["status"])).stdout, /web1 .* ok +\d.* ago, 6 files/);
  assert.match(
    host.metrics,
    /^vaultik_drill_last_success_timestamp_seconds\{host="web1",kind="restore"\} \d+$/m,
  );
  const few = JSON.parse((await host.drillWithKey("--json", "--files", "1", "--seed", "7")).stdout);
  const again = JSON.parse((await host.drillWithKey("--json", "--files", "1", "--seed", "7")).stdout);
  assert.deepEqual([few.files, few.bytes, few.seed], [again.files, again.bytes, 7]);
});

test("a drill by cron is silent until something is wrong", async (directory) => {
  const host = await Host.make(directory);
  assert.deepEqual(await host.run(["drill", "--cron"]), { code: 0, stdout: "", stderr: "" });
  const blobs = `${hostDirectory(`${directory}/store`)}/blobs`;
  await Deno.remove(blobs, { recursive: true });
  const { code, stdout, stderr } = await host.run(["drill", "--cron"]);
  assert.deepEqual([code, stdout], [5, ""]);
  assert.match(stderr, /^DAMAGED: the drill of .* has found:\n {2}blobs\/\S+: is missing\n/m);
  const status = await host.run(["status", "--check"]);
  assert.equal(status.code, 2);
  assert.match(status.stdout, /^VAULTIK CRITICAL - web1: the last drill \(source\) found 1 problem/);
  assert.match(host.metrics, /^vaultik_drill_status\{host="web1",kind="source"\} 0$/m);
});

test("a canary that is not in the snapshot makes a drill incomplete", async (directory) => {
  const host = await Host.make(directory, { drill: { canaries: ["/not/there"] } });
  const { code, stderr } = await host.drillWithKey();
  assert.equal(code, 3);
  assert.match(stderr, /INCOMPLETE: .*\n {2}\/not\/there: is not in the newest snapshot/);
  assert.equal((await host.run(["status", "--check"])).code, 1);
});

test("a command that fails on what was restored is damage", async (directory) => {
  const path = `${directory}/tree/dump.sql`;
  const host = await Host.make(directory, {
    drill: {
      verify: [
        { path, command: ["sh", "-c", "echo no such table >&2; exit 3"] },
        { path, command: ["sleep", "60"], timeout: "1s" },
        { path, command: ["/no/such/program"] },
      ],
    },
  });
  const { code, stderr } = await host.drillWithKey();
  assert.equal(code, 5);
  assert.match(stderr, /does not pass its verify command: sh ended with 3: no such table/);
  assert.match(stderr, /sleep took longer than 1s and was killed/);
  assert.match(stderr, /\/no\/such\/program ended with 127/);
});

test("files that have changed since are no damage", async (directory) => {
  const host = await Host.make(directory);
  await Deno.writeTextFile(`${host.tree}/sub/0`, "another");
  await Deno.remove(`${host.tree}/sub/1`);
  const summary = JSON.parse((await host.run(["drill", "--json"])).stdout);
  assert.deepEqual([summary.result, summary.files, summary.changed], ["good", 4, 2]);
});

test("a file that has other bytes at the same size and time is damage", async (directory) => {
  const host = await Host.make(directory);
  const path = `${host.tree}/sub/2`;
  Deno.utimeSync(path, 1_000_000_000, 1_000_000_000);
  assert.equal((await host.run(["snapshot", "create"])).code, 0);
  Deno.writeTextFileSync(path, Deno.readTextFileSync(path).toUpperCase());
  Deno.utimeSync(path, 1_000_000_000, 1_000_000_000);
  // By its ctime the source knows that it has changed; whoever restores sees only what a backup has.
  assert.equal((await host.run(["drill"])).code, 0);
  const { code, stderr } = await host.drillWithKey();
  assert.equal(code, 5);
  assert.match(stderr, /sub\/2: .* the file of this machine has other bytes/);
});

test("the wrong identity is reported", async (directory) => {
  const host = await Host.make(directory);
  await Deno.writeTextFile(`${directory}/other.txt`, OTHER.identity, { mode: 0o600 });
  const { code, stderr } = await host.run(["drill", "--identity", `${directory}/other.txt`]);
  assert.equal(code, 2, stderr);
});

test("a drill elsewhere, with the store and the identity alone, is signed by the host's own key", async (directory) => {
  const host = await Host.make(directory);
  const { code, stderr } = await vaultik([
    "drill",
    "--identity",
    `${directory}/key.txt`,
    "--storage-url",
    `file://${directory}/store`,
  ]);
  assert.equal(code, 0, stderr);
  assert.equal(host.objects("drills").length, 1);
  assert.match((await host.run(["status"])).stdout, /ago, 6 files/);
  const keyless = await vaultik(["drill", "--storage-url", `file://${directory}/store`]);
  assert.equal(keyless.code, 2);
});

test("records that are forged, foreign or in the wrong place count for nothing, and a prune keeps the newest", async (directory) => {
  const host = await Host.make(directory);
  for (let i = 0; i < 23; i++) assert.equal((await host.run(["drill", "--files", "1"])).code, 0);
  assert.equal(host.objects("drills").length, 23);
  assert.equal((await host.run(["prune", "--force"])).code, 0);
  assert.equal(host.objects("drills").length, 20);
  const [one] = atLeast(1, host.objects("drills").toSorted());
  const text = Deno.readTextFileSync(one);
  const directoryOf = one.slice(0, one.lastIndexOf("/"));
  Deno.writeTextFileSync(`${directoryOf}/29990101T000000Z-aaaaaaaa.json`, text);
  Deno.writeTextFileSync(`${directoryOf}/29990101T000000Z-aaaaaaab.json`, text.replace('"good"', '"bad!"'));
  Deno.writeTextFileSync(`${directoryOf}/29990101T000000Z-aaaaaaac.json`, "x".repeat(100_000));
  const { code, stderr, stdout } = await host.run(["status"]);
  assert.equal(code, 0);
  assert.equal(stderr.match(/is not used/g)?.length, 3, stderr);
  assert.match(stdout, /web1 .* ago +ok/);
});
