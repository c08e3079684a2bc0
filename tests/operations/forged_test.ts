import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import type { Entry } from "../../src/model/entry.ts";
import { encodeListPage, encodePage } from "../../src/model/page.ts";
import { pathOf } from "../../src/model/path.ts";
import { UsageError } from "../../src/base/errors.ts";
import { isExpected } from "../../src/base/exit_codes.ts";
import { directory, file, forge, forgePage, forgePages, hardlink, storeChunks, symlink } from "./forge.ts";
import { Machine } from "./machine.ts";

// Whoever has our public key can make a snapshot that tries to write outside the target, or to take in what is there.

const CONTENTS = new TextEncoder().encode("forged");

/** A machine with a directory beside the target that no one may touch. */
async function withOutside(): Promise<Machine & { outside: string }> {
  const machine = await Machine.make();
  const outside = `${machine.directory}/outside`;
  Deno.mkdirSync(outside, { mode: 0o700 });
  Deno.writeTextFileSync(`${outside}/secret`, "secret", { mode: 0o600 });
  return Object.assign(machine, { outside });
}

function describeOutside(outside: string): unknown[] {
  const names = [outside, ...Array.from(Deno.readDirSync(outside), ({ name }) => `${outside}/${name}`)];
  return names.sort().map((path) => {
    const { mode, mtime, nlink, size } = Deno.lstatSync(path);
    return { path, mode, mtime, nlink, size };
  });
}

type Forgery = (outside: string, contents: Entry["chunks"]) => Entry[];

const FORGERIES: [what: string, forgery: Forgery][] = [
  ["a path that climbs out", (_, contents) => [file("/../outside/new", contents)]],
  ["a path that climbs out further down", (_, contents) => [file("/a/../../outside/new", contents)]],
  ["a directory that climbs out", () => [directory("/../outside/new")]],
  ["a directory that is the one outside", () => [directory("/../outside")]],
  ["a link that climbs out", () => [symlink("/../outside/new", "secret")]],
  ["a hard link that climbs out", () => [hardlink("/../outside/new", "/a")]],
  ["a path without a slash at its front", (_, contents) => [file("../outside/new", contents)]],
  ["an empty path", (_, contents) => [file("", contents)]],
  ["a file below a symbolic link", (outside, contents) => [
    symlink("/s", pathOf(outside)),
    file("/s/new", contents),
  ]],
  ["an existing file below a symbolic link", (outside, contents) => [
    symlink("/s", pathOf(outside)),
    file("/s/secret", contents),
  ]],
  ["a file in the place of a symbolic link", (outside, contents) => [
    symlink("/s", pathOf(`${outside}/new`)),
    file("/s", contents),
  ]],
  [
    "a directory in the place of a symbolic link",
    (outside) => [symlink("/s", pathOf(outside)), directory("/s")],
  ],
  ["a directory below a symbolic link", (outside) => [symlink("/s", pathOf(outside)), directory("/s/new")]],
  ["a symbolic link below another", (outside) => [symlink("/s", pathOf(outside)), symlink("/s/new", "x")]],
  ["a symbolic link in the place of a directory", (outside, contents) => [
    directory("/s"),
    symlink("/s", pathOf(outside)),
    file("/s/new", contents),
  ]],
  ["a hard link below a symbolic link", (outside, contents) => [
    file("/a", contents),
    symlink("/s", pathOf(outside)),
    hardlink("/s/new", "/a", CONTENTS.length),
  ]],
  ["a hard link to a file outside", (outside) => [hardlink("/new", pathOf(`${outside}/secret`), 6)]],
  ["a hard link to what climbs out", () => [hardlink("/new", "/../outside/secret", 6)]],
  ["a hard link to a file behind a symbolic link", (outside) => [
    symlink("/s", pathOf(outside)),
    hardlink("/t", "/s/secret", 6),
  ]],
  ["a NUL in a path", (_, contents) => [directory("/a"), file("/a/b\0/../../../outside/new", contents)]],
];

for (const [what, forgery] of FORGERIES) {
  Deno.test(`a forged snapshot with ${what} changes nothing outside the target`, async () => {
    await using machine = await withOutside();
    const { outside } = machine;
    const { places, object } = await storeChunks(machine, "blobs", [CONTENTS]);
    const snapshot = await forge(machine, forgery(outside, places), [object]);
    const before = describeOutside(outside);
    const beside = () => Array.from(Deno.readDirSync(machine.directory), ({ name }) => name).sort();
    const names = [...beside(), "restored-1"].sort();
    await machine.restore(snapshot).catch((error) => assert.ok(isExpected(error), error));
    assert.deepEqual(describeOutside(outside), before);
    assert.deepEqual(beside(), names);
  });
}

Deno.test("a link with entries below it is a directory after a restore", async () => {
  await using machine = await withOutside();
  const { places, object } = await storeChunks(machine, "blobs", [CONTENTS]);
  const entries = [
    file("/a", places),
    symlink("/s", pathOf(machine.outside)),
    file("/s/x", places),
    file("/z", places),
  ];
  const { target, damaged, files } = await machine.restore(await forge(machine, entries, [object]));
  assert.deepEqual([damaged, files], [[], 3]);
  assert.ok(Deno.lstatSync(`${target}/s`).isDirectory);
  assert.deepEqual([...Deno.readDirSync(machine.outside)].map(({ name }) => name), ["secret"]);
  for (const name of ["a", "s/x", "z"]) assert.equal(Deno.readTextFileSync(`${target}/${name}`), "forged");
});

Deno.test("verify tells of a hard link to a file that the snapshot does not have", async () => {
  await using machine = await Machine.make();
  const snapshot = await forge(machine, [directory("/a"), hardlink("/b", "/a/missing", 6)]);
  const restored = await machine.restore(snapshot);
  assert.deepEqual(restored.damaged.map(({ path }) => path), ["/b"]);
  const { problems } = await machine.verify(snapshot);
  assert.equal(problems.length, 1);
  assert.match(problems[0]!.state, /"\/b"/);
});

Deno.test("a chunk in a blob that the manifest does not name is damage of its file alone", async () => {
  await using machine = await Machine.make();
  const { places, object } = await storeChunks(machine, "blobs", [CONTENTS]);
  const stranger = { ...places[0]!, blob: "ab".repeat(32) };
  const { damaged, files } = await machine.restore(
    await forge(machine, [file("/a", [stranger]), file("/b", places)], [object]),
  );
  assert.deepEqual([damaged.map(({ path }) => path), files], [["/a"], 1]);
});

const BAD_PLACES: [what: string, change: (place: NonNullable<Entry["chunks"]>[0]) => object][] = [
  ["an offset beyond the blob", ({ offset }) => ({ offset: offset + 10_000 })],
  ["a length beyond the frame", ({ length }) => ({ length: length + 1 })],
  ["a shorter length", ({ length }) => ({ length: length - 1 })],
  ["the id of other bytes", () => ({ id: "00".repeat(32) })],
];

Deno.test("chunks at wrong places are damage of their files alone", async () => {
  await using machine = await Machine.make();
  const { places, object } = await storeChunks(machine, "blobs", [CONTENTS, new Uint8Array(100)]);
  const bad = BAD_PLACES.map(([what, change]) => {
    return file(`/${what}`, [{ ...places[0]!, ...change(places[0]!) }]);
  });
  const entries = [...bad, file("/z", places)].sort((a, b) => (a.path < b.path ? -1 : 1));
  const { damaged, files, target } = await machine.restore(await forge(machine, entries, [object]));
  assert.deepEqual(damaged.map(({ path }) => path).sort(), bad.map(({ path }) => path).sort());
  assert.equal(files, 1);
  assert.deepEqual(Array.from(Deno.readDirSync(target), ({ name }) => name), ["z"]);
});

for (const [what, change] of [["more", 1], ["fewer", -1]] as const) {
  Deno.test(`a large file whose lists have ${what} bytes than it is not restored, and named as damaged`, async () => {
    await using machine = await Machine.make();
    const { places, object } = await storeChunks(machine, "blobs", [CONTENTS]);
    const list = new TextEncoder().encode(encodeListPage(places));
    const stored = await storeChunks(machine, "pages", [list]);
    const size = CONTENTS.length;
    const listed = (path: string, size: number) => ({
      ...file(path),
      chunks: undefined,
      lists: stored.places,
      size,
    });
    const snapshot = await forge(machine, [listed("/bad", size - change), listed("/good", size)], [
      object,
      stored.object,
    ]);
    const { damaged, failed, target, files } = await machine.restore(snapshot);
    assert.deepEqual([damaged.map(({ path }) => path), failed, files], [["/bad"], [], 1]);
    assert.deepEqual([...Deno.readDirSync(target)].map(({ name }) => name), ["good"]);
    const { problems } = await machine.verify(snapshot);
    assert.deepEqual(problems.map(({ snapshots }) => snapshots), [[snapshot.id]]);
    assert.match(problems[0]!.state, /has "\/bad", which cannot be restored: its lists of chunks have/);
  });
}

Deno.test("an entry that is outside of the range of its page is damage, and no second one of its path", async () => {
  await using machine = await Machine.make();
  const stored = [
    await storeChunks(machine, "blobs", [CONTENTS]),
    await storeChunks(machine, "blobs", [CONTENTS]),
  ];
  const twice = file("/a", stored.flatMap(({ places }) => places));
  const pages = [[twice, file("/x")], [twice, file("/b")]].map((entries, i) => {
    return { text: encodePage(entries), firstPath: ["/a", "/b"][i]! };
  });
  const snapshot = await forgePages(machine, pages, stored.map(({ object }) => object));
  const target = `${machine.directory}/target`;
  Deno.mkdirSync(target);
  Deno.writeTextFileSync(`${target}/a`, "other-bytes!");
  const { damaged, failed, files } = await machine.restore(snapshot, { target, overwrite: "if-changed" });
  assert.deepEqual(damaged.map(({ path }) => path).sort(), ["/a", "/x"]);
  assert.deepEqual([failed, files, Deno.readTextFileSync(`${target}/a`)], [[], 2, "forgedforged"]);
  const { problems } = await machine.verify(snapshot);
  const states = problems.map(({ state }) => state).sort();
  assert.equal(states.length, 2);
  assert.match(states[0]!, /has "\/a", which cannot be restored: it is out of order/);
  assert.match(states[1]!, /has "\/x" out of order, or twice/);
});

for (
  const [what, entries] of [
    ["a path that is there twice", [directory("/a"), directory("/a")]],
    ["a time that no file system has", [{ ...directory("/a"), mtime: "9".repeat(40) }]],
  ] as const
) {
  Deno.test(`verify --deep names ${what}, as a restore does`, async () => {
    await using machine = await Machine.make();
    const snapshot = await forge(machine, entries);
    assert.deepEqual((await machine.restore(snapshot)).damaged.map(({ path }) => path), ["/a"]);
    const { problems } = await machine.verify(snapshot);
    assert.deepEqual(problems.map(({ snapshots }) => snapshots), [[snapshot.id]]);
    assert.match(problems[0]!.state, /has "\/a", which cannot be restored: /);
  });
}

Deno.test("a path that none can have costs its entry, and nothing else", async () => {
  await using machine = await Machine.make();
  const { places, object } = await storeChunks(machine, "blobs", [CONTENTS]);
  const entries = [
    file("/../x", places),
    directory("/.."),
    file("/a", places),
    file("/b/../y", places),
    hardlink("/c", "/../x", CONTENTS.length),
    file("/d", places),
  ];
  const { damaged, files, target } = await machine.restore(await forge(machine, entries, [object]));
  assert.deepEqual(damaged.map(({ path }) => path).sort(), ["/..", "/../x", "/b/../y", "/c"]);
  assert.equal(files, 2);
  assert.deepEqual(Array.from(Deno.readDirSync(target), ({ name }) => name).sort(), ["a", "d"]);
});

Deno.test("a path of 3,000 levels is a path as others are, also for who verifies and looks", async () => {
  await using machine = await Machine.make();
  const { places, object } = await storeChunks(machine, "blobs", [CONTENTS]);
  const deep = "/b".repeat(3000);
  const snapshot = await forge(machine, [file("/a", places), file(deep, places), file("/d", places)], [
    object,
  ]);
  const { damaged, failed, files, target } = await machine.restore(snapshot);
  assert.deepEqual([damaged, failed, files], [[], [], 3]);
  const found = new Deno.Command("find", { args: [target, "-type", "f", "-printf", "%d\\n"] }).outputSync();
  assert.equal(new TextDecoder().decode(found.stdout).split("\n").sort().join(" "), " 1 1 3000");
  assert.deepEqual((await machine.verify(snapshot)).problems, []);
});

Deno.test("a page of a newer program is no damage: whoever meets it says to upgrade, and repairs nothing", async () => {
  await using machine = await Machine.make();
  const snapshot = await forgePage(machine, `{"vaultik_page":3}\n`, "/a");
  const upgrade = (error: Error) =>
    error instanceof UsageError && /newer Vaultik made it/.test(error.message);
  await assert.rejects(machine.restore(snapshot), upgrade);
  await assert.rejects(machine.verify(snapshot), upgrade);
});
