import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { installMariaDb, MariaDbServer, WHY_NO_MARIADB } from "../fixtures/mariadb.ts";
import { PostgresServer, WHY_NO_SERVER } from "../fixtures/postgresql.ts";
import { inDirectory, vaultik } from "./in_process.ts";

const SHARE_NEW_MAX = 0.03;

/** A configuration that dumps `databases`, and what backs up and restores by it. */
async function setUp(directory: string, databases: string) {
  const key = `${directory}/key.txt`;
  await vaultik(["keygen", "--output", key]);
  const recipient = /age1\w+/.exec(await Deno.readTextFile(key))![0];
  const config = `${directory}/c.yml`;
  await Deno.writeTextFile(
    config,
    `age_recipients: [${recipient}]\nstorage_url: file://${directory}/store\n` +
      `index_path: ${directory}/state/index.sqlite\nchunk_size: 64KiB\n` +
      `snapshots:\n  db:\n    databases: ${databases}\n`,
    { mode: 0o600 },
  );
  const run = (...words: string[]) => vaultik(["--config", config, ...words]);
  const backUp = async (): Promise<{ bytes: number; bytes_new: number; bytes_sent: number }> => {
    const { code, stdout, stderr } = await run("snapshot", "create", "--json");
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  };
  const feed = (path: string, ...command: string[]) =>
    run("restore", `latest:${path}`, "--identity", key, "--command", "--", ...command);
  return { run, backUp, feed, key };
}

function assertSmall(
  first: { bytes_sent: number },
  second: { bytes: number; bytes_new: number; bytes_sent: number },
) {
  const share = second.bytes_new / second.bytes;
  const stored = second.bytes_sent / first.bytes_sent;
  assert.ok(share <= SHARE_NEW_MAX, `${share} of the dump are new`);
  assert.ok(stored <= SHARE_NEW_MAX, `${stored} of it are stored again`);
}

const ROWS = 40_000;

function fill(database: DatabaseSync): void {
  database.exec("create table items (id integer primary key, value blob); begin");
  const insert = database.prepare("insert into items (value) values (randomblob(500))");
  for (let i = 0; i < ROWS; i++) insert.run();
  database.exec("commit");
}

function countOf(file: string): unknown {
  using database = new DatabaseSync(file, { readOnly: true });
  assert.equal(database.prepare("pragma integrity_check").get()!.integrity_check, "ok");
  return database.prepare("select count(*) as n, sum(length(value)) as bytes from items").get();
}

for (const mode of ["delete", "wal"]) {
  Deno.test(`an SQLite database that is in use (${mode}) is copied, restored whole, and one row costs little`, () =>
    inDirectory(async (directory) => {
      const file = `${directory}/app.db`;
      const { backUp, run, key } = await setUp(directory, `[{sqlite: [${file}]}]`);
      using database = new DatabaseSync(file);
      database.exec(`pragma journal_mode=${mode}`);
      fill(database);
      database.exec("begin; select count(*) from items");
      const first = await backUp();
      database.exec("commit");
      database.exec(`update items set value = randomblob(500) where id = ${ROWS / 2}`);
      assertSmall(first, await backUp());
      const wanted = countOf(file);
      database.exec("drop table items; vacuum");
      const target = `${directory}/restored`;
      const { code, stderr } = await run("restore", "latest", target, "--identity", key);
      assert.equal(code, 0, stderr);
      assert.deepEqual(countOf(`${target}/databases/sqlite${file}`), wanted);
      const left = [...Deno.readDirSync(`${directory}/state`)].map(({ name }) => name);
      assert.deepEqual(left.filter((name) => name.includes("copy")), []);
    }));
}

Deno.test("an SQLite database that is not there, or is none, makes no complete snapshot", () =>
  inDirectory(async (directory) => {
    await Deno.writeTextFile(`${directory}/text.db`, "x".repeat(10_000));
    for (const [name, reason] of [["none", /unable to open/], ["text", /file is not a database/]] as const) {
      const file = `${directory}/${name}.db`;
      const { run } = await setUp(directory, `[{sqlite: [${file}]}]`);
      const { code, stderr } = await run("snapshot", "create");
      assert.equal(code, 1, stderr);
      assert.match(stderr, /Cannot back up db: ".*": SQLite cannot copy it: /);
      assert.match(stderr, reason);
      assert.equal([...Deno.readDirSync(directory)].some(({ name }) => name === "none.db"), false);
    }
  }));

Deno.test({
  name: `a PostgreSQL database is dumped, damaged and fed into a fresh server, and one row costs little${
    WHY_NO_SERVER === undefined ? "" : ` (NOT RUN: ${WHY_NO_SERVER})`
  }`,
  ignore: WHY_NO_SERVER !== undefined,
  fn: () =>
    inDirectory(async (directory) => {
      await using server = await PostgresServer.start();
      const { backUp, feed, run } = await setUp(
        directory,
        `[{postgresql: [app], options: [${server.options.join(", ")}]}]`,
      );
      await server.sql("postgres", "create role reader");
      await server.sql("postgres", "create database app");
      await server.sql(
        "app",
        "create table items (id int primary key, value text); insert into items " +
          "select i, md5(i::text) || md5((-i)::text) from generate_series(1, 350000) i",
      );
      const first = await backUp();
      await server.sql("app", "update items set value = 'changed' where id = 100000");
      assertSmall(first, await backUp());
      const totals =
        "select count(*), sum(id), sum(length(value)), count(*) filter (where value = 'changed') from items";
      const wanted = await server.sql("app", totals);
      await server.sql("app", "delete from items where id > 10");

      await using fresh = await PostgresServer.start();
      const globals = await feed(
        "/databases/postgresql/globals.sql",
        "psql",
        ...fresh.options,
        "-q",
        "postgres",
      );
      assert.equal(globals.code, 0, globals.stderr);
      assert.equal(
        await fresh.sql("postgres", "select count(*) from pg_roles where rolname = 'reader'"),
        "1",
      );
      const restored = await feed(
        "/databases/postgresql/app.dump",
        ...["pg_restore", ...fresh.options, "--create", "--dbname=postgres", "--exit-on-error"],
      );
      assert.equal(restored.code, 0, restored.stderr);
      assert.equal(await fresh.sql("app", totals), wanted);

      await server.sql("postgres", "drop database app");
      const gone = await run("snapshot", "create");
      assert.equal(gone.code, 3);
      assert.match(gone.stderr, /app\.dump: pg_dump ended with 1: .*database "app" does not exist/);
    }),
});

Deno.test({
  name: `a MariaDB database is dumped, damaged and fed into a fresh server, and one row costs little${
    WHY_NO_MARIADB === undefined ? "" : ` (NOT RUN: ${WHY_NO_MARIADB})`
  }`,
  ignore: WHY_NO_MARIADB !== undefined,
  fn: () =>
    inDirectory(async (directory) => {
      const empty = await installMariaDb(directory);
      await using server = await MariaDbServer.start(empty);
      const defaults = await server.defaults(`${directory}/my.cnf`);
      const { backUp, feed, run } = await setUp(
        directory,
        `[{mariadb: [shop], options: ["--defaults-extra-file=${defaults}"]}]`,
      );
      await server.sql("mysql", "create database shop");
      await server.sql(
        "shop",
        "create table items (id int primary key, value text, bytes blob) engine=innodb; insert into items " +
          "select seq, concat(md5(seq), md5(-seq)), unhex(md5(seq)) from seq_1_to_100000; " +
          "create procedure answer() select 42; create view some as select id from items where id < 10",
      );
      const first = await backUp();
      await server.sql("shop", "update items set value = 'changed ü' where id = 30000");
      assertSmall(first, await backUp());
      const totals = "select count(*), sum(id), sum(length(value)), sum(value = 'changed ü'), " +
        "sum(crc32(bytes)), (select count(*) from some) from items";
      const wanted = await server.sql("shop", totals);
      await server.sql("shop", "delete from items where id > 10");

      await using fresh = await MariaDbServer.start(empty);
      const freshDefaults = await fresh.defaults(`${directory}/fresh.cnf`);
      await fresh.sql("mysql", "create database shop");
      const restored = await feed(
        "/databases/mariadb/shop.sql",
        ...["mariadb", `--defaults-extra-file=${freshDefaults}`, "shop"],
      );
      assert.equal(restored.code, 0, restored.stderr);
      assert.equal(await fresh.sql("shop", totals), wanted);
      assert.equal(await fresh.sql("shop", "call answer()"), "42");

      await server.sql("mysql", "drop database shop");
      const gone = await run("snapshot", "create");
      assert.equal(gone.code, 1);
      assert.match(gone.stderr, /shop\.sql": mariadb-dump ended with 2: .*Unknown database 'shop'/);
    }),
});
