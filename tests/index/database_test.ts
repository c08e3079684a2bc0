import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { fromLatin1, toLatin1 } from "../../src/base/bytes.ts";
import { EnvironmentError, NotFoundError, UsageError } from "../../src/base/errors.ts";
import { indexFault } from "../../src/index/database.ts";
import { removeIndex } from "../../src/operations/remove_index.ts";
import { Index } from "../../src/index/index.ts";
import { isRoot } from "../../src/platform/owners.ts";
import { idOf, uploadOf, withIndex, withPath } from "./opened.ts";

Deno.test("settings, snapshots and list pages are there after the index was closed", () =>
  withPath((path) => {
    const snapshot = { id: "a", name: "home", finishedAt: "2025-01-02T00:00:00.000Z", manifestSize: 9 };
    {
      using index = new Index(path);
      assert.deepEqual([index.setting("x"), index.lastSnapshot(), index.replaced], [
        undefined,
        undefined,
        undefined,
      ]);
      index.set("x", "1");
      index.set("x", "2");
      index.addSnapshot({ ...snapshot, id: "b", finishedAt: "2025-01-01T00:00:00.000Z" });
      index.addSnapshot(snapshot);
      index.addListBlobs(idOf(1), [{ number: 5, liveBytes: 1 }, { number: 70_000, liveBytes: 2 }]);
      index.addListBlobs(idOf(1), [{ number: 6, liveBytes: 2 ** 32 - 1 }]);
    }
    using index = new Index(path);
    assert.equal(index.setting("x"), "2");
    assert.deepEqual(index.lastSnapshot(), snapshot);
    assert.deepEqual(index.listBlobs(idOf(1)), [6]);
    assert.deepEqual(index.listUses(idOf(1)), [{ number: 6, liveBytes: 2 ** 32 - 1 }]);
    assert.throws(() => index.listBlobs(idOf(2)), /no list page/);
    index.forgetSnapshots();
    assert.equal(index.lastSnapshot(), undefined);
  }));

Deno.test("of each name the newest snapshot is remembered, however many runs there were", () =>
  withPath((path) => {
    {
      using index = new Index(path);
      for (let day = 10; day < 30; day++) {
        for (const name of ["etc", "home"]) {
          const finishedAt = `2025-01-${day}T00:00:00.000Z`;
          index.addSnapshot({ id: `${name}-${day}`, name, finishedAt, manifestSize: 9 });
        }
      }
      index.addSnapshot({ id: "late", name: "etc", finishedAt: "2025-01-01T00:00:00.000Z", manifestSize: 9 });
    }
    const database = new DatabaseSync(path);
    const ids = database.prepare("SELECT id FROM snapshot ORDER BY id").all().map(({ id }) => id);
    database.close();
    assert.deepEqual(ids, ["etc-29", "home-29"]);
  }));

Deno.test("the index and its directory are for this user only: names of files are in it", () =>
  withIndex((_, path) => {
    assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
    assert.equal(Deno.statSync(path.slice(0, path.lastIndexOf("/"))).mode! & 0o777, 0o700);
  }));

Deno.test("a second opener is refused while the first has the index, in this process and in another", () =>
  withPath(async (path) => {
    {
      using _first = new Index(path);
      assert.throws(() => new Index(path), (error) => {
        assert.ok(error instanceof EnvironmentError);
        assert.match(error.message, /another vaultik run is using it/);
        return true;
      });
      assert.equal(await openElsewhere(path), "EnvironmentError");
    }
    assert.equal(await openElsewhere(path), "opened");
    using again = new Index(path);
    assert.equal(again.replaced, undefined);
  }));

/** Opens the index in a process of its own; what came of it. */
async function openElsewhere(path: string): Promise<string> {
  const module = new URL("../../src/index/index.ts", import.meta.url).href;
  const code = `const { Index } = await import(${JSON.stringify(module)});
    try { new Index(${JSON.stringify(path)})[Symbol.dispose](); console.log("opened"); }
    catch (error) { console.log(error.name); }`;
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  const args = ["run", "-A", "--no-prompt", "--config", config, "-"];
  const process = new Deno.Command(Deno.execPath(), {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(code));
  await writer.close();
  return new TextDecoder().decode((await process.output()).stdout).trim();
}

/** Makes an index with a blob in it. */
function fill(path: string): void {
  using index = new Index(path);
  index.blobs.finish(uploadOf(idOf(1), "blobs", []));
}

const USELESS: [what: string, spoil: (path: string) => void, reason: RegExp][] = [
  [
    "a text file",
    (path) => Deno.writeTextFileSync(path, "not a database, not at all".repeat(500)),
    /damaged/,
  ],
  ["zeroed head", (path) => overwrite(path, 0, new Uint8Array(100)), /damaged/],
  ["a damaged schema page", (path) => overwrite(path, 100, new Uint8Array(3996).fill(0xff)), /damaged/],
  ["a schema with another word in it", (path) => replace(path, "PRIMARY", "PRMMARY"), /damaged/],
  [
    "a schema with another column",
    (path) => replace(path, "offset INTEGER", "offzet INTEGER"),
    /tables are not/,
  ],
  ["too old", (path) => setVersion(path, 1), /schema version 1/],
];

function overwrite(path: string, at: number, bytes: Uint8Array): void {
  using file = Deno.openSync(path, { write: true });
  file.seekSync(at, Deno.SeekMode.Start);
  file.writeSync(bytes);
}

function replace(path: string, word: string, other: string): void {
  const text = toLatin1(Deno.readFileSync(path));
  assert.ok(text.includes(word));
  Deno.writeFileSync(path, fromLatin1(text.replaceAll(word, other)));
}

function setVersion(path: string, version: number): void {
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA user_version = ${version}`);
  database.close();
}

for (const [what, spoil, reason] of USELESS) {
  Deno.test(`an index that is ${what} is set aside and replaced`, () =>
    withPath((path) => {
      fill(path);
      spoil(path);
      const spoiled = Deno.readFileSync(path);
      {
        using index = new Index(path);
        assert.match(index.replaced!, reason);
        assert.deepEqual(index.blobs.all(), []);
        index.set("x", "1");
      }
      assert.deepEqual(Deno.readFileSync(path + ".old"), spoiled);
      using index = new Index(path);
      assert.equal(index.replaced, undefined);
      assert.equal(index.setting("x"), "1");
    }));
}

Deno.test("an index that a newer Vaultik has made is left alone, and can be removed", () =>
  withPath((path) => {
    fill(path);
    setVersion(path, 999);
    const before = Deno.readFileSync(path);
    assert.throws(() => new Index(path), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /made by a newer Vaultik; upgrade this one/);
      return true;
    });
    assert.equal(indexFault(path), "it was made by a newer Vaultik");
    assert.deepEqual(Deno.readFileSync(path), before);
    removeIndex(path);
  }));

for (const [what, spoil] of USELESS.slice(0, -1)) {
  Deno.test(`an index that is ${what} is found to be damaged, and can be removed`, () =>
    withPath((path) => {
      fill(path);
      assert.equal(indexFault(path), undefined);
      spoil(path);
      assert.notEqual(indexFault(path), undefined);
      removeIndex(path);
      assert.throws(() => removeIndex(path), NotFoundError);
    }));
}

Deno.test("an index that is in use is not removed", () =>
  withIndex((index, path) => {
    assert.throws(() => removeIndex(path), /another vaultik run is using it/);
    index.set("x", "1");
  }));

Deno.test("no file of an index is ever readable by others, not even in a directory that is", () =>
  withPath((path) => {
    const directory = path.slice(0, path.lastIndexOf("/"));
    Deno.mkdirSync(directory, { mode: 0o755 });
    using index = new Index(path);
    index.set("x", "1");
    const modes = Array.from(
      Deno.readDirSync(directory),
      ({ name }) => Deno.statSync(`${directory}/${name}`).mode!,
    );
    assert.ok(modes.length >= 2);
    assert.deepEqual(modes.map((mode) => mode & 0o777), modes.map(() => 0o600));
  }));

Deno.test("an empty file is taken as a new index", () =>
  withPath((path) => {
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(path, "");
    using index = new Index(path);
    assert.deepEqual(index.blobs.all(), []);
  }));

const IMPOSSIBLE: [what: string, path: (path: string) => string, asRoot: boolean][] = [
  ["below a file", (path) => {
    Deno.writeTextFileSync(path.replace(/\/state\/.*/, "/state"), "");
    return path;
  }, true],
  ["that is a directory", (path) => {
    Deno.mkdirSync(path, { recursive: true });
    return path;
  }, true],
  ["in /proc", () => "/proc/vaultik/index.sqlite", true],
  ["in a directory that may not be written", (path) => {
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true, mode: 0o500 });
    return path;
  }, false],
];

for (const [what, prepare, asRoot] of IMPOSSIBLE) {
  const ignore = isRoot() && !asRoot;
  Deno.test({
    name: `an index ${what} gives an EnvironmentError${
      ignore ? " (skipped: root may write everywhere)" : ""
    }`,
    ignore,
    fn: () => withPath((path) => assert.throws(() => new Index(prepare(path)), EnvironmentError)),
  });
}
