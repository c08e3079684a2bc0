import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { RefusedError } from "../../src/base/errors.ts";
import { sha256Hex } from "../../src/base/digest.ts";
import type { Policy } from "../../src/model/iam_policy.ts";
import { hostPrefix, HOSTS_PREFIX } from "../../src/model/names.ts";
import { silent } from "../../src/report/events.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { openStore } from "../../src/store/open.ts";
import type { ObjectStore } from "../../src/store/store.ts";
import { findVersitygw, putPolicy, type S3Server, startVersitygw, USERS } from "../fixtures/s3_server.ts";
import { inDirectory, vaultik } from "./in_process.ts";

const { recipient } = await generateKeyPair({ postQuantum: false });
const binary = findVersitygw();
const name = binary === undefined ? " (versitygw is not installed)" : "";
const PREFIX = "shared";

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The configuration of a host with credentials of its own, for a store that all share. */
async function configure(directory: string, server: S3Server, user: Credentials): Promise<string> {
  await Deno.mkdir(`${directory}/data`, { recursive: true });
  await Deno.writeTextFile(`${directory}/data/file`, directory);
  const path = `${directory}/config.yml`;
  const text = [
    `age_recipients: [${recipient}]`,
    `index_path: ${directory}/index/index.sqlite`,
    `snapshots: {home: {paths: [${directory}/data]}}`,
    `storage_url: s3://${server.location(PREFIX).bucket}/${PREFIX}`,
    `s3: {endpoint: "${server.endpoint}", use_ssl: false, access_key_id: ${user.accessKeyId}, secret_access_key: ${user.secretAccessKey}}`,
  ];
  await Deno.writeTextFile(path, text.join("\n"), { mode: 0o600 });
  return path;
}

/** Names and hashes of what is in the directory of a host. */
async function contents(store: ObjectStore, host: string): Promise<string[]> {
  const listed = await Array.fromAsync(store.list(hostPrefix(host)));
  return await Promise.all(listed.map(async ({ name }) => `${name} ${sha256Hex(await store.get(name))}`));
}

Deno.test({
  name: `with the rights that doctor prints, each of ten hosts reaches its own directory and no other${name}`,
  ignore: binary === undefined,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inDirectory(async (directory) => {
      await using server = await startVersitygw(binary!);
      const hosts: { config: string; id: string; user: Credentials; policy: Policy }[] = [];
      for (const [i, user] of USERS.entries()) {
        await Deno.mkdir(`${directory}/${i}`);
        const config = await configure(`${directory}/${i}`, server, user);
        const { stdout } = await vaultik(["doctor", "--config", config, "--json"]);
        const { host, policies } = JSON.parse(stdout);
        hosts.push({ config, id: host, user, policy: policies.source });
      }
      assert.equal(new Set(hosts.map(({ id }) => id)).size, USERS.length);
      await using administrator = await openStore(server.location(PREFIX), silent);
      for (const { config, user, policy } of hosts) {
        await putPolicy(server, user.accessKeyId, policy);
        await proveBackups(config);
      }
      for (const [i, { id, config, user, policy }] of hosts.entries()) {
        await putPolicy(server, user.accessKeyId, policy);
        const neighbour = hosts[(i + 1) % hosts.length]!.id;
        const before = await contents(administrator, neighbour);
        assert.ok(before.length >= 5, before.join());
        await using source = await openStore({ ...server.location(PREFIX), ...user }, silent);
        if (i === 0) await proveSight(config);
        if (i === 0) await proveDrill(config, administrator, id);
        await proveConfined(source, id, neighbour, before[0]!.split(" ")[0]!);
        assert.deepEqual(await contents(administrator, neighbour), before);
      }
    }),
});

/** Doctor has no complaint, and backups go on from one another. */
async function proveBackups(config: string): Promise<void> {
  const { code, stdout } = await vaultik(["doctor", "--config", config]);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^ {0,4}put +yes|^ok {2}put +yes/m);
  assert.match(stdout, /^ok {2}delete +refused/m);
  for (let run = 0; run < 2; run++) {
    const { code, stderr } = await vaultik(["snapshot", "create", "--config", config, "--quiet"]);
    assert.deepEqual([code, stderr], [0, ""]);
  }
}

/** With the rights of a source what a listing tells is shown, and which right tells more. */
async function proveSight(config: string): Promise<void> {
  const needed = /the right to read s3:\S+\/snapshots\/ and lists\/ \(s3:GetObject\)/;
  const listed = await vaultik(["snapshot", "list", "--config", config, "--json"]);
  assert.equal(listed.code, 0, listed.stderr);
  assert.match(listed.stderr, needed);
  const snapshots: { id: string; name?: string }[] = JSON.parse(listed.stdout);
  assert.equal(snapshots.length, 2);
  const words = await vaultik(["snapshot", "list", "--config", config]);
  for (const { id } of snapshots) assert.match(words.stdout, new RegExp(`^${id} +sealed +20`, "m"));

  const verified = await vaultik(["snapshot", "verify", "--config", config]);
  assert.equal(verified.code, 2);
  assert.match(verified.stderr, /it lists 2 snapshots, but .*vaultik index check/);
  assert.match(verified.stderr, needed);
  const checked = await vaultik(["index", "check", "--config", config]);
  assert.equal(checked.code, 0, checked.stderr);

  const info = await vaultik(["store", "info", "--config", config, "--json"]);
  assert.equal(info.code, 0, info.stderr);
  assert.match(info.stderr, needed);
  const { hosts, garbage, objects } = JSON.parse(info.stdout);
  assert.deepEqual([hosts.length, hosts[0].snapshots, garbage], [1, 2, undefined]);
  assert.ok(snapshots.some(({ id }) => id === hosts[0].newest.id));
  assert.ok(objects > 4);
}

/** A drill compares files with what a listing tells, and keeps its result, which only others may read. */
async function proveDrill(config: string, administrator: ObjectStore, id: string): Promise<void> {
  const { code, stdout, stderr } = await vaultik(["drill", "--config", config, "--json"]);
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /may not ask s3:\S+ for checksums \(s3:GetObject\): blobs were compared by their size alone/,
  );
  const { result, files, objects } = JSON.parse(stdout);
  assert.deepEqual([result, files, objects], ["good", 1, 2]);
  assert.deepEqual(await vaultik(["drill", "--config", config, "--cron"]), {
    code: 0,
    stdout: "",
    stderr: "",
  });
  const records = await Array.fromAsync(administrator.list(`${hostPrefix(id)}drills/source/`));
  assert.equal(records.length, 2);

  const blobs = await Array.fromAsync(administrator.list(`${hostPrefix(id)}blobs/`));
  for (const { name } of blobs) await administrator.put(name, new Uint8Array(7));
  const damaged = await vaultik(["drill", "--config", config, "--cron"]);
  assert.equal(damaged.code, 5);
  assert.match(damaged.stderr, /blobs\/\S+: has 7 bytes instead of \d+/);
}

async function proveConfined(source: ObjectStore, own: string, neighbour: string, object: string) {
  const bytes = new Uint8Array(3);
  await source.put(`${hostPrefix(own)}probe/more`, bytes, { createOnly: true });
  for (const place of [hostPrefix(neighbour), HOSTS_PREFIX, ""]) {
    await assert.rejects(source.put(`${place}probe/more`, bytes, { createOnly: true }), RefusedError);
    await assert.rejects(Array.fromAsync(source.list(place)), RefusedError);
  }
  for (const place of ["prune/", "blobs/", "snapshots/"]) {
    await assert.rejects(source.put(`${hostPrefix(neighbour)}${place}x`, bytes), RefusedError);
    await assert.rejects(Array.fromAsync(source.list(hostPrefix(neighbour) + place)), RefusedError);
  }
  await assert.rejects(source.put(object, bytes), RefusedError);
  await assert.rejects(source.get(object), RefusedError);
  await assert.rejects(source.size(object), RefusedError);
  await assert.rejects(source.remove(object), RefusedError);
}

Deno.test({
  name: `doctor without a configuration says what stands for the host in the rights of a source${name}`,
  ignore: binary === undefined,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using server = await startVersitygw(binary!);
    const store = [
      "--storage-url",
      `s3://${server.location(PREFIX).bucket}/${PREFIX}`,
      "--s3-endpoint",
      server.endpoint,
    ];
    const { stdout } = await vaultik(["doctor", ...store]);
    assert.match(stdout, /^Least rights of a source \(HOST stands for its host id/m);
    assert.match(stdout, /"arn:aws:s3:::vaultik\/shared\/hosts\/HOST\/\*"/);
  },
});
