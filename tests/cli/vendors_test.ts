import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { VendorServer } from "../fixtures/vendor_server.ts";
import { type VendorProfile, VENDORS } from "../fixtures/vendors.ts";
import { inDirectory, vaultik } from "./in_process.ts";

const { recipient, identity } = await generateKeyPair({ postQuantum: false });

async function configured(directory: string, server: VendorServer): Promise<string> {
  const { bucket, prefix, endpoint, region, accessKeyId, secretAccessKey } = server.location();
  const file = `${directory}/c.yml`;
  const config = {
    age_recipients: [recipient],
    hostname: "web1",
    index_path: `${directory}/index.sqlite`,
    snapshots: { first: { paths: [`${directory}/tree`] }, second: { paths: [`${directory}/tree`] } },
    storage_url: `s3://${bucket}/${prefix}`,
    s3: { endpoint, region, access_key_id: accessKeyId, secret_access_key: secretAccessKey },
    prune_grace: "0s",
  };
  await Deno.writeTextFile(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

async function run(argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await vaultik(argv);
  assert.equal(code, 0, `${argv.join(" ")}: ${stderr}`);
  return stdout;
}

/** What `doctor` has to say of a store with this profile. */
function expectedAnswers(profile: VendorProfile): Record<string, string> {
  return {
    put: "yes",
    overwrite: "yes",
    list: "yes",
    get: "yes",
    look: "yes",
    delete: "yes",
    multipart: "yes",
    checksum: "yes",
    "conditional write": profile.conditions === "honoured" ? "yes" : "no",
    "object lock": ({ yes: "yes", ignored: "unknown", "501": "no" } as const)[profile.locks],
    clock: profile.skewMs === undefined ? "yes" : "no",
  };
}

for (const profile of VENDORS) {
  Deno.test({
    name: `on a store as ${profile.name}: backup, list, verify, restore and prune are right`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () =>
      inDirectory(async (directory) => {
        await using server = new VendorServer(profile);
        const config = ["--config", await configured(directory, server)];
        await Deno.writeTextFile(`${directory}/key.txt`, identity, { mode: 0o600 });
        await Deno.mkdir(`${directory}/tree`);
        for (let file = 0; file < 30; file++) {
          await Deno.writeTextFile(`${directory}/tree/f${file}`, `${file}\n`.repeat(1000));
        }
        await run(["snapshot", "create", "first", ...config]);
        await Deno.writeTextFile(`${directory}/tree/f0`, "changed");
        const asked = server.seen.length;
        await run(["snapshot", "create", "second", ...config]);
        const refused = server.seen.slice(asked).filter((line) => / (301|4\d\d|501)$/.test(line));
        if (profile.skewMs === undefined) {
          const known = refused.filter((line) => !/ (404|412)$/.test(line));
          const isConditional = /400|501/.test(profile.conditions);
          assert.equal(known.length, isConditional ? 1 : 0, "what the first run found out was asked again");
        }
        const listed = JSON.parse(await run(["snapshot", "list", "--json", ...config]));
        const snapshots = Array.isArray(listed) ? listed : listed.snapshots;
        assert.equal(snapshots.length, 2);
        const key = ["--identity", `${directory}/key.txt`];
        await run(["snapshot", "verify", "--deep", ...key, ...config]);
        const [first] = snapshots.filter(({ name }: { name: string }) => name === "first");
        await run(["snapshot", "remove", first.id, "--force", ...config]);
        for (let round = 0; round < 2; round++) await run(["prune", "--force", ...config]);
        await run(["snapshot", "verify", ...config]);
        await run(["restore", "latest", `${directory}/restored`, ...key, ...config]);
        const restored = `${directory}/restored${directory}/tree`;
        assert.equal(await Deno.readTextFile(`${restored}/f0`), "changed");
        assert.equal(await Deno.readTextFile(`${restored}/f29`), "29\n".repeat(1000));
      }),
  });

  Deno.test({
    name: `on a store as ${profile.name}: doctor says what the store did`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: () =>
      inDirectory(async (directory) => {
        await using server = new VendorServer(profile);
        const config = ["--config", await configured(directory, server)];
        await Deno.mkdir(`${directory}/tree`);
        const { probes } = JSON.parse(await run(["doctor", "--json", ...config]));
        const answers = probes.map(({ probe, answer }: { probe: string; answer: string }) => [probe, answer]);
        assert.deepEqual(Object.fromEntries(answers), expectedAnswers(profile), JSON.stringify(probes));
        const report = await run(["doctor", "--report", ...config]);
        assert.equal(report.trim().split("\n").length, 3);
        assert.doesNotMatch(report, /AKIDTEST|SECRETTEST|web1|vaultik\/|tree/);
        const said = {
          "501": /it answered 501/,
          "400": /it answered 400/,
          inverted: /it answered 412/,
          racy: /of 4 writers/,
        };
        const words = said[profile.conditions as keyof typeof said];
        if (words !== undefined) assert.match(report, words);
        assert.match(
          report,
          profile.manyRemovals === "yes" ? /many objects by one request/ : /to one for many it answered/,
        );
        const taken = ({ sha256: "SHA-256", crc32: "CRC-32", md5: "MD5" })[profile.checksums[0]!];
        assert.match(report, taken === undefined ? /it keeps none/ : new RegExp(`it takes ${taken}`));
      }),
  });
}
