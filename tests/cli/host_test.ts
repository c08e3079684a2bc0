import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { inDirectory, type Ran, vaultik } from "./in_process.ts";
import { makeHost } from "./one_host.ts";

const KEYS = await generateKeyPair({ postQuantum: false });

/** A host that backs up to the store of `directory`; a run of it, and its id. */
async function host(directory: string, hostname: string) {
  const file = await makeHost(directory, hostname, { recipient: KEYS.recipient, run: vaultik });
  const run = (...argv: string[]): Promise<Ran> => vaultik(["--config", file, ...argv]);
  const id: string = JSON.parse((await run("info", "--json")).stdout).host.id;
  return { run, id };
}

function test(name: string, fn: (directory: string) => Promise<void>): void {
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false, fn: () => inDirectory(fn) });
}

test("host list shows what is known of each host; a name of one's own, or the identity, says more", async (directory) => {
  const web1 = await host(directory, "web1");
  const web2 = await host(directory, "web2");
  const listed = async (...argv: string[]) => {
    const { code, stdout, stderr } = await web1.run("host", "list", "--json", ...argv);
    assert.equal(code, 0, stderr);
    const hosts: Record<string, unknown>[] = JSON.parse(stdout).hosts;
    const of = (id: string) => hosts.find((one) => one.host === id)!;
    assert.equal(hosts.length, 2);
    return { own: of(web1.id), other: of(web2.id) };
  };
  const { own, other } = await listed();
  assert.deepEqual([own.hostname, own.is_own, own.snapshots], ["web1", true, 1]);
  assert.deepEqual([other.hostname, other.is_own, other.is_trusted], [undefined, false, true]);
  assert.match(
    (await web1.run("host", "list")).stdout,
    new RegExp(`^${web2.id} +\\(sealed\\) +\\d{4}-`, "m"),
  );

  await Deno.writeTextFile(`${directory}/key.txt`, KEYS.identity, { mode: 0o600 });
  assert.equal((await listed("--identity", `${directory}/key.txt`)).other.hostname, "web2");

  assert.equal((await web1.run("host", "name", web2.id, "mail")).code, 0);
  assert.equal((await listed()).other.hostname, "mail");
  assert.equal((await web1.run("snapshot", "list", "--host", "mail")).code, 0);
  assert.match((await web1.run("status")).stdout, /^mail /m);
  assert.equal((await web1.run("host", "name", "mail")).code, 0);
  assert.equal((await listed()).other.hostname, undefined);
  assert.equal((await web1.run("host", "name", web2.id, "a b")).code, 2);
  assert.equal((await web1.run("host", "name", "no one", "x")).code, 4);

  // Names are for people: a damaged file of them stops no backup.
  await Deno.writeTextFile(`${directory}/web1-state/index.sqlite.hosts.json`, "{");
  assert.equal((await web1.run("snapshot", "create")).code, 0);
});

test("elsewhere, the identity finds a host by its name, and by its new name alone after that was changed", async (directory) => {
  const file = await makeHost(directory, "web1", { recipient: KEYS.recipient, run: vaultik });
  await Deno.writeTextFile(`${directory}/key.txt`, KEYS.identity, { mode: 0o600 });
  const restore = (hostname: string, number: number) => {
    const place = ["--storage-url", `file://${directory}/store`, "--identity", `${directory}/key.txt`];
    return vaultik(["restore", "latest", `${directory}/to-${number}`, "--host", hostname, ...place]);
  };
  assert.equal((await restore("web1", 1)).code, 0);
  const config = JSON.parse(await Deno.readTextFile(file));
  await Deno.writeTextFile(file, JSON.stringify({ ...config, hostname: "mail" }));
  assert.equal((await vaultik(["--config", file, "snapshot", "create"])).code, 0);
  assert.equal((await restore("mail", 2)).code, 0);
  assert.equal((await restore("web1", 3)).code, 4);
});

test("host forget retires a host: its snapshots at once, the rest when prune has deleted its contents", async (directory) => {
  const web1 = await host(directory, "web1");
  const web2 = await host(directory, "web2");
  const snapshots = async () => {
    const { hosts } = JSON.parse((await web1.run("host", "list", "--json")).stdout);
    return hosts.find((one: { host: string }) => one.host === web2.id)?.snapshots;
  };
  assert.equal((await web1.run("host", "forget", web1.id, "--force")).code, 2);
  assert.equal((await web1.run("host", "forget", "no one", "--force")).code, 4);
  const planned = await web1.run("host", "forget", web2.id, "--dry-run");
  assert.equal(planned.code, 0);
  assert.match(planned.stdout, /: 1 snapshot, to be removed .*\n {2}\d+ blobs and lists, /);
  assert.equal((await web1.run("host", "forget", web2.id)).code, 2);
  assert.equal(await snapshots(), 1);

  const forgotten = await web1.run("host", "forget", web2.id, "--force");
  assert.equal(forgotten.code, 0, forgotten.stderr);
  assert.match(forgotten.stdout, /is retired: removed 1 snapshot of 1/);
  assert.equal(await snapshots(), 0);
  const status = await web1.run("status", "--check");
  assert.equal(status.code, 0, status.stdout);
  assert.match((await web1.run("host", "list")).stdout, new RegExp(`^${web2.id} .* retired$`, "m"));

  // It was not dead after all: then it counts again.
  assert.equal((await web2.run("snapshot", "create")).code, 0);
  assert.match((await web1.run("status", "--check")).stdout, /2 source sets of 2 hosts, all backed up/);
  assert.doesNotMatch((await web1.run("host", "list")).stdout, /retired/);

  assert.equal((await web1.run("host", "forget", web2.id, "--force")).code, 0);
  const pruned = await web1.run("prune", "--host", web2.id, "--force", "--grace", "0s");
  assert.equal(pruned.code, 0, pruned.stderr);
  const gone = await web1.run("host", "forget", web2.id, "--force");
  assert.match(gone.stdout, /is gone/);
  assert.equal((await web1.run("host", "forget", web2.id, "--force")).code, 4);
  assert.match((await web1.run("status", "--check")).stdout, /1 source set of 1 host, all backed up/);
});
