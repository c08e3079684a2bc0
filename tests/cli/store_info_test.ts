import assert from "node:assert/strict";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { startS3rver } from "../fixtures/s3_server.ts";
import { openS3Store } from "../../src/store/s3.ts";
import { inDirectory, vaultik } from "./in_process.ts";

const HOST = "a".repeat(26);
const { recipient } = await generateKeyPair({ postQuantum: false });

async function info(directory: string, more: string, ...flags: string[]) {
  const file = `${directory}/c.yml`;
  await Deno.writeTextFile(
    file,
    `age_recipients: [${recipient}]\nhostname: web1\nsnapshots: {home: {paths: [/home]}}\n${more}\n`,
  );
  await Deno.chmod(file, 0o600);
  return await vaultik(["store", "info", "--config", file, ...flags]);
}

Deno.test("store info shows kinds, cost by the configuration's prices, and what no snapshot needs", async () => {
  await inDirectory(async (directory) => {
    const name = "ab".repeat(32);
    await Deno.mkdir(`${directory}/store/hosts/${HOST}/blobs/ab/ab`, { recursive: true });
    using file = await Deno.create(`${directory}/store/hosts/${HOST}/blobs/ab/ab/${name}`);
    await file.truncate(3 * 2 ** 30);
    const url = `storage_url: file://${directory}/store`;
    const { code, stdout } = await info(directory, `${url}\nprices: {default: 0.5}`);
    assert.equal(code, 0);
    assert.equal(
      stdout.replace(/\n {2}\d+ requests.*\n$/, "\n"),
      `file://${directory}/store: 0 snapshots

KIND       OBJECTS  STORED
blobs            1   3 GiB
pages            0     0 B
snapshots        0     0 B
all              1   3 GiB

CLASS    OBJECTS  STORED  A MONTH
unknown        1   3 GiB     1.50

HOST    ID                          SNAPSHOTS  NEWEST
sealed  aaaaaaaaaaaaaaaaaaaaaaaaaa          0

No snapshot needs 1 object, 3 GiB

Cost a month: storage alone, by the prices of the configuration
`,
    );
    const json = JSON.parse((await info(directory, `${url}\nprices: {default: 0.5}`, "--json")).stdout);
    assert.deepEqual([json.monthly_cost, json.garbage, json.bytes], [
      1.5,
      { objects: 1, bytes: 3 * 2 ** 30 },
      3 * 2 ** 30,
    ]);
    assert.doesNotMatch((await info(directory, url)).stdout, /MONTH|CLASS/);
  });
});

Deno.test({
  name: "store info shows the storage classes that S3 tells, and AWS's prices for AWS alone",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using server = await startS3rver();
    const location = server.location("p");
    await using store = await openS3Store(location);
    await store.put(`hosts/${HOST}/snapshots/20250102T030405Z-abcdefgh-5e0c9b1f/pin`, new Uint8Array(5));
    await inDirectory(async (directory) => {
      const { endpoint, accessKeyId, secretAccessKey } = location;
      const keys = `access_key_id: ${accessKeyId}, secret_access_key: ${secretAccessKey}`;
      const { code, stdout, stderr } = await info(
        directory,
        `s3: {endpoint: "${endpoint}", bucket: vaultik, prefix: p, ${keys}}`,
      );
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^CLASS +OBJECTS +STORED\nSTANDARD +1 +5 B$/m);
      assert.doesNotMatch(stdout, /MONTH/);
    });
  },
});

Deno.test("prices are numbers by storage class", async () => {
  await inDirectory(async (directory) => {
    const table: [string, RegExp][] = [
      ["{STANDARD: cheap}", /prices\.STANDARD is "cheap"; allowed is a number from 0 to 1000000/],
      ["{STANDARD: -1}", /prices\.STANDARD is -1/],
      ['{"a b": 1}', /prices\.a b is no storage class/],
      ["5", /prices is a number; allowed are keys/],
    ];
    for (const [prices, said] of table) {
      const { code, stderr } = await info(directory, `storage_url: file:///srv/x\nprices: ${prices}`);
      assert.equal(code, 2);
      assert.match(stderr, said);
    }
  });
});
