import assert from "node:assert/strict";
import { UsageError } from "../../src/base/errors.ts";
import { parseConfig } from "../../src/config/config.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";

const { recipient } = await generateKeyPair({ postQuantum: false });
const DEFAULTS = { hostname: "web1", indexPath: "/var/lib/vaultik/index.sqlite", cores: 2 };

function parse(...databases: object[]) {
  const snapshots = { db: { databases } };
  const config = { age_recipients: [recipient], snapshots, storage_url: "file:///srv/backup" };
  return parseConfig(config, "c.yml", DEFAULTS).snapshots[0]!;
}

/** The programs by the files that they make. */
function dumps(...databases: object[]): Record<string, string> {
  const { commands } = parse(...databases);
  return Object.fromEntries(
    commands.map(({ path, stages }) => [path, stages.map((words) => words.join(" ")).join(" | ")]),
  );
}

Deno.test("PostgreSQL is dumped database by database, and what belongs to none of them", () => {
  const options = ["--host=/run/postgresql"];
  assert.deepEqual(dumps({ postgresql: ["app", "mail"], options }), {
    "/databases/postgresql/app.dump":
      "pg_dump --format=custom --compress=0 --host=/run/postgresql --dbname=app",
    "/databases/postgresql/mail.dump":
      "pg_dump --format=custom --compress=0 --host=/run/postgresql --dbname=mail",
    "/databases/postgresql/globals.sql": "pg_dumpall --globals-only --host=/run/postgresql",
  });
  assert.deepEqual(Object.keys(dumps({ postgresql: ["app"], globals: false, path: "/pg" })), [
    "/pg/postgresql/app.dump",
  ]);
});

Deno.test("MySQL and MariaDB take files of defaults before all other arguments", () => {
  const words = "--single-transaction --quick --skip-extended-insert --hex-blob --skip-dump-date " +
    "--routines --events --triggers";
  const options = ["--extended-insert", "--defaults-extra-file=/etc/my.cnf"];
  assert.deepEqual(dumps({ mysql: ["shop"], options }, { mariadb: ["shop"] }), {
    "/databases/mysql/shop.sql":
      `mysqldump --defaults-extra-file=/etc/my.cnf ${words} --extended-insert -- shop`,
    "/databases/mariadb/shop.sql": `mariadb-dump ${words} -- shop`,
  });
});

Deno.test("MongoDB is dumped as an archive, SQLite is copied without a program", () => {
  assert.deepEqual(dumps({ mongodb: ["events"], options: ["--config=/etc/m"] }), {
    "/databases/mongodb/events.archive":
      "mongodump --archive --quiet --numParallelCollections=1 --config=/etc/m --db=events",
  });
  const { commands, sqlite } = parse({ sqlite: ["/srv/a.db", "/srv//b.db"] });
  assert.deepEqual(commands, []);
  assert.deepEqual(sqlite, [
    { path: "/databases/sqlite/srv/a.db", database: "/srv/a.db" },
    { path: "/databases/sqlite/srv/b.db", database: "/srv/b.db" },
  ]);
});

Deno.test("variables and the time-out of a database are those of its programs", () => {
  const run = { env: { PGPASSFILE: "/etc/pgpass" }, env_files: { A: "/etc/a" }, timeout: "2h" };
  for (const { env, envFiles, timeoutMs } of parse({ postgresql: ["app"], ...run }).commands) {
    assert.deepEqual([env, envFiles, timeoutMs], [run.env, run.env_files, 7200_000]);
  }
});

const REFUSED: readonly (readonly [string, object[], RegExp])[] = [
  ["no kind", [{ options: ["-v"] }], /databases\[0\] is a map; allowed is one of postgresql, mysql, /],
  ["two kinds", [{ mysql: ["a"], mariadb: ["a"] }], /databases\[0\] is a map; allowed is one of/],
  ["no name", [{ mysql: [] }], /mysql is empty; needed is names of databases/],
  ["an option in the place of a name", [{ mysql: ["--all-databases"] }], /allowed is the name of a database/],
  ["a name with a slash", [{ postgresql: ["a/b"] }], /allowed is the name of a database/],
  ["a relative file", [{ sqlite: ["a.db"] }], /allowed is the absolute path of a database/],
  ["the same twice", [{ mysql: ["a"] }, { mysql: ["a"] }], /cannot both be files of commands/],
];

for (const [name, databases, message] of REFUSED) {
  Deno.test(`databases are refused with ${name}`, () => {
    assert.throws(() => parse(...databases), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, message);
      return true;
    });
  });
}
