import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { VendorServer } from "../fixtures/vendor_server.ts";
import { VENDORS } from "../fixtures/vendors.ts";
import { inDirectory, vaultik } from "./in_process.ts";

const { recipient, identity } = await generateKeyPair({ postQuantum: false });
const profile = VENDORS.find(({ name }) => name === "MinIO")!;
const HELD_MS = 20_000;

/** What waits, and for so many of what. */
type Pair = readonly [held: RegExp, until: RegExp, count: number];

/** Some answers wait until other requests have been made. */
class Held {
  /** Those that waited in vain. */
  readonly late: string[] = [];
  readonly #begun: string[] = [];
  readonly #pairs: readonly Pair[];
  #wake = Promise.withResolvers<void>();

  constructor(pairs: readonly Pair[]) {
    this.#pairs = pairs;
  }

  get requests(): number {
    return this.#begun.length;
  }

  requestsFor(what: RegExp): number {
    return this.#begun.filter((request) => what.test(request)).length;
  }

  readonly hold = async (request: string): Promise<void> => {
    this.#begun.push(request);
    this.#wake.resolve();
    const pair = this.#pairs.find(([held]) => held.test(request));
    const isEarly = ([, until, count]: Pair) =>
      this.#begun.filter((other) => until.test(other)).length < count;
    const endMs = performance.now() + HELD_MS;
    while (pair !== undefined && isEarly(pair)) {
      if (performance.now() > endMs) return void this.late.push(request);
      this.#wake = Promise.withResolvers();
      const timer = setTimeout(() => this.#wake.resolve(), HELD_MS);
      await this.#wake.promise;
      clearTimeout(timer);
    }
  };
}

interface Machine {
  readonly directory: string;
  readonly server: VendorServer;
  run(...argv: string[]): Promise<void>;
}

async function onMachine(work: (machine: Machine) => Promise<void>): Promise<void> {
  await inDirectory(async (directory) => {
    await using server = new VendorServer(profile);
    const { bucket, prefix, endpoint, region, accessKeyId, secretAccessKey } = server.location();
    await Deno.mkdir(`${directory}/tree`);
    await Deno.writeFile(`${directory}/tree/a`, randomBytes(4 << 20));
    await Deno.writeTextFile(`${directory}/tree/b`, "as it was");
    await Deno.writeTextFile(`${directory}/key.txt`, identity, { mode: 0o600 });
    const config = {
      age_recipients: [recipient],
      hostname: "web1",
      threads: 1, // so that both files are in one blob
      index_path: `${directory}/index.sqlite`,
      snapshots: { home: { paths: [`${directory}/tree`] } },
      storage_url: `s3://${bucket}/${prefix}`,
      s3: { endpoint, region, access_key_id: accessKeyId, secret_access_key: secretAccessKey },
    };
    await Deno.writeTextFile(`${directory}/c.yml`, JSON.stringify(config), { mode: 0o600 });
    const run = async (...argv: string[]) => {
      const { code, stderr } = await vaultik([...argv, "--config", `${directory}/c.yml`]);
      assert.equal(code, 0, stderr);
    };
    await run("snapshot", "create");
    await work({ directory, server, run });
  });
}

/** Restores the small file, and gives what is in it. */
async function restoreSmall({ directory, run }: Machine, ...options: string[]): Promise<string> {
  const target = await Deno.makeTempDir({ dir: directory });
  const key = ["--identity", `${directory}/key.txt`];
  await run("restore", "latest", target, `${directory}/tree/b`, ...key, ...options);
  return await Deno.readTextFile(`${target}${directory}/tree/b`);
}

Deno.test("a machine that restores a file asks for its page while it lists snapshots, and for its blob's ends at a time: six requests", () =>
  onMachine(async (machine) => {
    const held = new Held([
      [/prefix=[^&]*snapshots/, /^GET \S*pages\//, 1],
      [/^GET \S*blobs\//, /^GET \S*blobs\//, 2],
    ]);
    machine.server.hold = held.hold;
    assert.equal(await restoreSmall(machine), "as it was");
    assert.deepEqual(held.late, []);
    assert.ok(held.requests <= 6, `${held.requests} requests`);
  }));

Deno.test("a snapshot that another copy of this machine's index has made is restored, not the one that this index knows as its last", () =>
  onMachine(async (machine) => {
    const { directory, run } = machine;
    const copies: [string, Uint8Array][] = [];
    for await (const { name, isFile } of Deno.readDir(directory)) {
      if (isFile && name.startsWith("index.sqlite")) {
        copies.push([name, await Deno.readFile(`${directory}/${name}`)]);
      }
    }
    await Deno.writeTextFile(`${directory}/tree/b`, "as it is");
    await run("snapshot", "create");
    assert.equal(await restoreSmall(machine), "as it is");
    for (const [name, bytes] of copies) await Deno.writeFile(`${directory}/${name}`, bytes);
    assert.equal(await restoreSmall(machine), "as it is");
  }));

Deno.test("a file whose page is lost is named as for any restore, though the snapshot was opened before it was found", () =>
  onMachine(async ({ directory, server }) => {
    for (const key of server.objects.keys()) if (key.includes("/pages/")) server.objects.delete(key);
    const paths = [`${directory}/target`, `${directory}/tree/b`];
    const key = ["--identity", `${directory}/key.txt`, "--config", `${directory}/c.yml`];
    const { code, stderr } = await vaultik(["restore", "latest", ...paths, ...key]);
    assert.notEqual(code, 0);
    assert.match(stderr, /pages\//);
  }));

async function forgetIndex({ directory }: Machine): Promise<void> {
  for await (const { name } of Deno.readDir(directory)) {
    if (name.startsWith("index.sqlite")) await Deno.remove(`${directory}/${name}`, { recursive: true });
  }
}

Deno.test("who knows only the store learns what its only host is called from the snapshot that it is going to open: eight requests, none for keys", () =>
  onMachine(async (machine) => {
    const held = new Held([[/manifest\.json/, /snapshot\.json/, 1]]);
    await forgetIndex(machine);
    machine.server.hold = held.hold;
    assert.equal(await restoreSmall(machine, "--host", "web1"), "as it was");
    assert.deepEqual(held.late, []);
    assert.equal(held.requestsFor(/keys/), 0);
    assert.ok(held.requests <= 8, `${held.requests} requests`);
  }));
