import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { zstdDecompressSync } from "node:zlib";
import { atLeast } from "../../src/base/at_least.ts";
import { view } from "../../src/base/bytes.ts";
import { listSnapshots } from "../../src/read/snapshots.ts";
import { surveyPrune } from "../../src/operations/prune/survey.ts";
import { loadHostKeys } from "../../src/operations/host_keys.ts";
import { hostsOf } from "../../src/read/hosts.ts";
import { publicKeyOf } from "../../src/seal/signature.ts";
import { Machine } from "./machine.ts";

const HOSTNAME = "very-secret-hostname";
const SET = "very-secret-source-set";
const FILE = "very-secret-file-name";

/** The bytes of an object, and what is in them where they are zstd. */
function textsOf(bytes: Uint8Array): string[] {
  const raw = view(bytes).toString("latin1");
  try {
    return [raw, zstdDecompressSync(bytes).toString("latin1")];
  } catch {
    return [raw];
  }
}

async function backedUp(publicNames = false): Promise<Machine> {
  const machine = await Machine.make({ hostname: HOSTNAME, name: SET, publicNames });
  machine.write(FILE, "contents");
  await machine.backUp();
  machine.write(`${FILE}-2`, "other contents");
  await machine.backUp();
  return machine;
}

Deno.test("no object of a store, and no name of one, has a hostname, a source set, a user or a path in it", async () => {
  await using machine = await backedUp();
  const users = ["root", Deno.env.get("USER")].filter((user) => user !== undefined);
  const secrets = [HOSTNAME, SET, FILE, machine.data, ...users.map((user) => `"${user}"`)];
  let objects = 0;
  for await (const { name } of machine.root.list("")) {
    objects++;
    for (const text of [name, ...textsOf(await machine.root.get(name))]) {
      for (const secret of secrets) assert.ok(!text.includes(secret), `${name} tells ${secret}`);
    }
  }
  assert.ok(objects >= 8);
});

Deno.test("names: public is found by the same search", async () => {
  await using machine = await backedUp(true);
  const found: string[] = [];
  for await (const { name } of machine.root.list("")) {
    if (textsOf(await machine.root.get(name)).some((text) => text.includes(HOSTNAME))) found.push(name);
  }
  assert.ok(found.length === 2 && found.every((name) => name.endsWith("/manifest.json.zst")), found.join());
});

Deno.test("the host itself lists, verifies and prunes without an identity; an administrator sees names by a line of trusted_hosts", async () => {
  await using machine = await backedUp();
  assert.deepEqual((await listSnapshots(machine.tools())).map(({ name }) => name), [SET, SET]);
  assert.deepEqual((await machine.verifyQuick()).problems, []);
  const plan = await surveyPrune(machine.tools(), { graceMs: 0, minAgeMs: 0, dryRun: true });
  assert.equal(plan.named.snapshots, 2);

  const { signingKey, namesKey } = loadHostKeys(machine.options.indexPath);
  const line = { hostname: HOSTNAME, key: publicKeyOf(signingKey) };
  const asSeenBy = async (host: { hostname: string; key: string; namesKey?: string }) => {
    const trust = { hosts: [host], untrusted: "ignore" as const };
    const [only] = atLeast(
      1,
      await hostsOf(machine.rootTools({ own: undefined, namesKeys: undefined, trust })),
    );
    return (await listSnapshots(only)).map(({ hostname, name }) => [hostname, name]);
  };
  assert.deepEqual(await asSeenBy({ ...line, namesKey }), [[HOSTNAME, SET], [HOSTNAME, SET]]);
  assert.deepEqual(await asSeenBy(line), [[HOSTNAME, undefined], [HOSTNAME, undefined]]);
});
