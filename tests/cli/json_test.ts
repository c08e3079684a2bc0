import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import Ajv from "ajv/dist/2020.js";
import { jsonSchemas } from "../../release/json_schemas.ts";
import { commandEntries } from "../../src/cli/command_list.ts";
import { toJson } from "../../src/report/json.ts";
import { Simulated } from "../daemon/simulated.ts";
import { inDirectory, vaultik } from "./in_process.ts";

const SCHEMAS = new URL("../../docs/json/", import.meta.url);

/** Every command that has --json, by the name of its schema: its arguments, beyond the configuration. KEY, DIR and ID stand for what they say. */
const CALLS: readonly [schema: string, argv: string, exit?: number][] = [
  ["config-check", "config check"],
  ["config-show", "config show --defaults"],
  ["config-get", "config get prune_grace"],
  ["config-get", "config get snapshots"],
  ["config-set", "config set compression_level 4"],
  ["snapshot-create", "snapshot create"],
  ["drill", "drill"],
  ["events", "snapshot create --verbose"],
  ["snapshot-create", "snapshot create"],
  ["snapshot-list", "snapshot list"],
  ["snapshot-verify", "snapshot verify"],
  ["snapshot-verify", "snapshot verify --deep --identity KEY"],
  ["snapshot-pin", "snapshot pin latest"],
  ["snapshot-pin", "snapshot unpin latest"],
  ["snapshot-accept", "snapshot accept latest"],
  ["snapshot-purge", "snapshot purge --keep-last 2 --dry-run"],
  ["snapshot-prune", "snapshot prune"],
  ["index-check", "index check"],
  ["info", "info"],
  ["store-info", "store info"],
  ["status", "status"],
  ["prune", "prune --dry-run"],
  ["repair", "repair --dry-run"],
  ["doctor", "doctor"],
  ["doctor-report", "doctor --report"],
  ["drill", "drill --identity KEY"],
  ["status", "status"],
  ["key-verify", "key verify --identity KEY"],
  ["stats", "stats latest --identity KEY"],
  ["ls", "ls -l latest:DIR/data --identity KEY"],
  ["find", "find * --identity KEY"],
  ["find", "history DIR/data/two.txt --identity KEY"],
  ["diff", "diff latest~1 latest --identity KEY"],
  ["diff-stat", "diff latest~1 latest --stat --identity KEY"],
  ["restore-plan", "restore latest DIR/back --dry-run --identity KEY"],
  ["restore-command", "restore latest:DIR/data/two.txt --identity KEY --json --command -- sh -c cat"],
  ["restore", "restore latest DIR/back --identity KEY"],
  ["copy", "copy --to file://DIR/other --create"],
  ["copy", "copy --to file://DIR/other --dry-run"],
  ["index-rebuild", "index rebuild --identity KEY"],
  ["snapshot-remove", "snapshot remove ID --force"],
  ["prune", "prune --force --grace 0s"],
  ["host-list", "host list"],
  ["host-name", "host name HOST web-1"],
  ["host-forget", "host forget HOST --dry-run --storage-url file://DIR/store"],
  ["host-forget", "host forget HOST --force --storage-url file://DIR/store"],
  ["database-purge", "database purge --force"],
];

async function scene(
  work: (run: (argv: string) => ReturnType<typeof vaultik>) => Promise<void>,
): Promise<void> {
  await inDirectory(async (directory) => {
    await Deno.mkdir(`${directory}/data/a`, { recursive: true });
    await Deno.writeTextFile(`${directory}/data/a/one.txt`, "one".repeat(3000));
    await Deno.writeTextFile(`${directory}/data/two.txt`, "two");
    await Deno.symlink("two.txt", `${directory}/data/link`);
    const global = ["--config", `${directory}/c.yml`];
    const keys = [
      "--keygen",
      "--identity-out",
      `${directory}/key.txt`,
      "--index-path",
      `${directory}/i.sqlite`,
    ];
    const places = ["--storage-url", `file://${directory}/store`, "--path", `${directory}/data`];
    assert.equal((await vaultik([...global, "init", ...keys, ...places])).code, 0);
    let id = "";
    let host = "";
    let count = 0;
    await work(async (argv) => {
      if (argv.startsWith("snapshot create")) {
        await Deno.writeTextFile(`${directory}/data/new${count++}`, `${count}`);
      }
      const filled = argv.replaceAll("KEY", `${directory}/key.txt`).replaceAll("DIR", directory).replace(
        "ID",
        id,
      );
      const words = filled.replace("HOST", host).split(" ");
      const ran = await vaultik([...(words.includes("--storage-url") ? [] : global), ...words, "--json"]);
      host = /"host":"([a-z2-7]{26})"/.exec(ran.stdout)?.[1] ?? host;
      id = /"id":"(\d{8}T\d{6}Z-[a-z2-7]{8}-[0-9a-f]{8})"/.exec(ran.stdout)?.[1] ?? id;
      return ran;
    });
  });
}

async function schemaOf(name: string): Promise<object> {
  return JSON.parse(await Deno.readTextFile(new URL(`${name}.schema.json`, SCHEMAS)));
}

Deno.test("what every command prints with --json is what its schema in docs/json says", async () => {
  const ajv = new Ajv.default({ allErrors: true, strict: true });
  const dump = Deno.env.get("VAULTIK_TEST_JSON_DUMP");
  await scene(async (run) => {
    for (const [name, argv] of CALLS) {
      const { stdout, stderr, code } = await run(argv);
      assert.notEqual(stdout, "", `${argv}: ${stderr}`);
      const values = name === "events"
        ? stdout.trim().split("\n").map((line) => JSON.parse(line))
        : [JSON.parse(stdout)];
      if (dump !== undefined) {
        await Deno.writeTextFile(dump, JSON.stringify([name, argv, code, stderr, values]) + "\n", {
          append: true,
        });
        continue;
      }
      assert.equal(code, 0, `${argv}: ${stderr}`);
      const schema = await schemaOf(name);
      const validate = ajv.getSchema((schema as { $id: string }).$id) ?? ajv.compile(schema);
      assert.ok(!validate({ nonsense: true }), name);
      for (const value of values) assert.ok(validate(value), `${argv}: ${JSON.stringify(validate.errors)}`);
    }
  });
});

Deno.test("docs/json is made from release/json_shapes.ts: deno task json-schemas", async () => {
  const kept: Record<string, unknown> = {};
  for await (const { name } of Deno.readDir(SCHEMAS)) {
    if (name.endsWith(".json")) kept[name] = JSON.parse(await Deno.readTextFile(new URL(name, SCHEMAS)));
  }
  assert.deepEqual(kept, JSON.parse(JSON.stringify(jsonSchemas())));
});

Deno.test("what a daemon says of itself is what its schema says", async () => {
  const validate = new Ajv.default({ strict: true }).compile(await schemaOf("daemon-status"));
  const status = JSON.parse(toJson({ ...new Simulated().daemon.status(), pid: 7 }));
  assert.ok(validate(status), JSON.stringify(validate.errors));
});

/** Asked of a daemon that runs. */
const ELSEWHERE = ["daemon status"];

Deno.test("every command that takes --json is validated", async () => {
  const called = CALLS.map(([, argv]) => argv);
  const missing = (await commandEntries()).filter(({ path, options }) =>
    options.some(({ names }) => names.includes("--json")) && !ELSEWHERE.includes(path) &&
    !called.some((argv) => argv === path || argv.startsWith(`${path} `))
  );
  assert.deepEqual(missing.map(({ path }) => path), []);
});
