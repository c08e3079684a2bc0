import assert from "node:assert/strict";
import { UsageError } from "../../src/base/errors.ts";
import { parseConfig } from "../../src/config/config.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";

const { recipient } = await generateKeyPair({ postQuantum: false });
const DEFAULTS = { hostname: "web1", indexPath: "/var/lib/vaultik/index.sqlite", cores: 2 };

function parse(own: object) {
  const config = { age_recipients: [recipient], snapshots: { db: own }, storage_url: "file:///srv/backup" };
  return parseConfig(config, "c.yml", DEFAULTS).snapshots[0]!;
}

function refusal(own: object): string {
  try {
    parse(own);
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return error.message.replace("Cannot use configuration c.yml: ", "");
  }
  return assert.fail("nothing was refused");
}

const DAY_MS = 24 * 3600 * 1000;
const one = (change: object) => ({ commands: [{ path: "/db/app", command: ["pg_dump", "app"], ...change }] });

Deno.test("a command is a program or a pipeline, with variables, files of variables and a time-out", () => {
  const defaults = { env: {}, envFiles: {}, timeoutMs: DAY_MS };
  assert.deepEqual(parse(one({})).commands, [
    { path: "/db/app", stages: [["pg_dump", "app"]], ...defaults },
  ]);
  assert.deepEqual(parse(one({})).paths, []);
  const command = [["mysqldump", "app"], ["sed", "s/a/b/", ""]];
  const more = { env: { A: "1" }, env_files: { B: "/etc/b" }, timeout: "1h" };
  assert.deepEqual(parse(one({ path: "/db//app/", command, ...more })).commands, [
    { path: "/db/app", stages: command, env: { A: "1" }, envFiles: { B: "/etc/b" }, timeoutMs: 3600_000 },
  ]);
});

const REFUSED: readonly (readonly [string, object, RegExp])[] = [
  ["no place", { path: undefined }, /^snapshots\.db\.commands\[0\]\.path is missing; needed is where/],
  ["a relative place", { path: "db" }, /path is "db"; allowed is an absolute path/],
  ["the root", { path: "/" }, /path is "\/"; allowed is an absolute path/],
  ["no command", { command: undefined }, /command is missing; needed is a program/],
  ["a text", { command: "pg_dump app" }, /command is "pg_dump app"; allowed is .*for a shell write \[sh, -c/],
  ["an empty list", { command: [] }, /command is a list; allowed is a program/],
  ["an empty stage", { command: [["a"], []] }, /command\[1\] is a list; allowed is a program/],
  ["no program", { command: [""] }, /command is a list/],
  ["a number among words", { command: ["sleep", 1] }, /command\[1\] is 1; allowed is text/],
  ["a number as a value", { env: { PORT: 1 } }, /env\.PORT is 1; allowed is text, here in quotes: PORT: "1"/],
  ["a bad name", { env: { "A=B": "c" } }, /env\."A…" is no name of a variable/],
  ["a relative file", { env_files: { A: "b" } }, /env_files\.A is "b"; allowed is an absolute path/],
  ["too long", { timeout: "8d" }, /timeout is "8d"/],
  ["an unknown key", { comand: [] }, /no key .*comand; did you mean command\?/],
];

for (const [name, change, message] of REFUSED) {
  Deno.test(`a command is refused with ${name}`, () => assert.match(refusal(one(change)), message));
}

Deno.test("commands have places of their own", () => {
  const two = (a: string, b: string) => ({
    commands: [{ path: a, command: ["a"] }, { path: b, command: ["b"] }],
  });
  assert.match(refusal(two("/db", "/db")), /^snapshots\.db: \/db and \/db cannot both be files of commands/);
  assert.match(refusal(two("/db/a", "/db")), /\/db and \/db\/a cannot both be/);
  assert.equal(parse(two("/db/a", "/db/ab")).commands.length, 2);
  assert.match(
    refusal({ ...one({}), paths: ["/db/app"] }),
    /\/db\/app, the file of a command, is one of paths/,
  );
  assert.match(
    refusal({ ...one({}), paths: ["/db/app/x"] }),
    /\/db\/app, the file of a command, is above one of paths/,
  );
  assert.equal(parse({ ...one({}), paths: ["/db"] }).commands.length, 1);
  assert.match(refusal({}), /^snapshots\.db\.paths is missing/);
});

Deno.test("a path may be stored as another one, of which no other is a part", () => {
  const { paths, aliases } = parse({ paths: ["/etc", { path: "/mnt/snap/data/", as: "/data" }] });
  assert.deepEqual(paths, ["/etc", "/data"]);
  assert.deepEqual(aliases, [{ real: "/mnt/snap/data", stored: "/data" }]);
  const stored = (as: string, ...others: unknown[]) => ({ paths: [{ path: "/mnt/snap", as }, ...others] });
  for (const others of [["/data"], ["/data/x"], ["/"], [{ path: "/other", as: "/data" }]]) {
    assert.match(refusal(stored("/data", ...others)), /paths has \/data twice, or within another path/);
  }
  assert.match(refusal(stored("/")), /as is "\/"; allowed is an absolute path below \//);
  assert.match(refusal(stored("data")), /as is "data"; allowed is an absolute path/);
  assert.match(refusal({ paths: [{ path: "/mnt" }] }), /as is missing; needed is an absolute path/);
  assert.match(refusal({ paths: [{ path: "/mnt", as: "/a", to: "/b" }] }), /no key .*to/);
});
