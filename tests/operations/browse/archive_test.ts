import assert from "node:assert/strict";
import { dirname } from "node:path";
import type { Entry } from "../../../src/model/entry.ts";
import { pathOf } from "../../../src/model/path.ts";
import { type Member, membersWithin } from "../../../src/operations/browse/archive/members.ts";
import { tar } from "../../../src/operations/browse/archive/tar.ts";
import { tarHead } from "../../../src/operations/browse/archive/tar_head.ts";
import { zip } from "../../../src/operations/browse/archive/zip.ts";
import { openForBrowsing } from "../../../src/operations/browse/open_snapshot.ts";
import { makeTree } from "../../fixtures/tree.ts";
import { forge } from "../forge.ts";
import { assertSameTree, Machine } from "../machine.ts";
import { browserOf } from "./browsed.ts";

async function membersOf(machine: Machine, id: string, path: string): Promise<(Member | Error)[]> {
  const browsed = await openForBrowsing(browserOf(machine), machine.tools(), id);
  return await Array.fromAsync(membersWithin(browsed, pathOf(path)));
}

async function* sound(members: readonly (Member | Error)[]): AsyncGenerator<Member> {
  for (const member of members) {
    if (member instanceof Error) throw member;
    yield member;
  }
}

/** Writes an archive to a file. */
async function save(archive: AsyncIterable<Uint8Array>, path: string): Promise<void> {
  using file = await Deno.create(path);
  for await (const piece of archive) {
    for (let at = 0; at < piece.length;) at += await file.write(piece.subarray(at));
  }
}

async function run(program: string, args: string[], cwd: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, cwd }).output();
  assert.ok(success, `${program}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

const HAS_UNZIP = await new Deno.Command("unzip", { args: ["-v"], stdout: "null" }).output().then(
  () => true,
  () => false,
);

Deno.test("GNU tar makes of an archive what was backed up, of nasty trees too", async () => {
  await using machine = await Machine.make();
  await makeTree(machine.data, { unreadable: false, bigFile: 3_000_000 });
  const { id } = await machine.backUp();
  const [path, target] = [`${machine.directory}/a.tar`, `${machine.directory}/unpacked`];
  await save(tar(sound(await membersOf(machine, id, machine.data))), path);
  await Deno.mkdir(target);
  const flags = ["--xattrs", "--xattrs-include=*", "-p", "--numeric-owner", "--warning=no-timestamp"];
  await run("tar", ["-xf", path, ...flags, "-C", target], machine.directory);
  await assertSameTree(target + machine.data, machine.data);
  assert.equal(Deno.statSync(path).size % 10_240, 0);
});

Deno.test("holes stay holes: also at the beginning and the end of a file, and a file that is nothing else", async () => {
  await using machine = await Machine.make();
  for (
    const [name, from, size] of [["middle", 200_000, 900_000], ["end", 0, 700_000], [
      "none",
      -1,
      500_000,
    ]] as const
  ) {
    using file = Deno.openSync(`${machine.data}/${name}`, { write: true, create: true });
    if (from >= 0) {
      file.seekSync(from, Deno.SeekMode.Start);
      file.writeSync(new Uint8Array(5000).fill(7));
    }
    file.truncateSync(size);
  }
  const { id } = await machine.backUp();
  const path = `${machine.directory}/a.tar`;
  await save(tar(sound(await membersOf(machine, id, machine.data))), path);
  assert.ok(Deno.statSync(path).size < 100_000, "holes are not in the archive");
  const target = `${machine.directory}/unpacked`;
  await Deno.mkdir(target);
  await run("tar", ["-xSf", path, "-C", target], machine.directory);
  for (const name of ["middle", "end", "none"]) {
    assert.deepEqual(
      Deno.readFileSync(`${target}${machine.data}/${name}`),
      Deno.readFileSync(`${machine.data}/${name}`),
    );
  }
});

Deno.test("an archive of a part has contents for the first of its names of a file, and links for the others", async () => {
  await using machine = await Machine.make();
  machine.write("a/first", "contents");
  machine.write("b/other");
  for (const name of ["b/second", "b/third"]) {
    Deno.linkSync(`${machine.data}/a/first`, `${machine.data}/${name}`);
  }
  const { id } = await machine.backUp();
  const whole = await membersOf(machine, id, machine.data);
  const links = (members: (Member | Error)[]) =>
    members.flatMap((member) => member instanceof Error || member.link === undefined ? [] : [member.link]);
  const first = `${machine.data}/a/first`.slice(1);
  assert.deepEqual(links(whole), [first, first]);
  assert.deepEqual(links(await membersOf(machine, id, `${machine.data}/b`)), [
    `${machine.data}/b/second`.slice(1),
  ]);
});

Deno.test("times before 1970 and of nanoseconds, large owners and long names are in the extended header", () => {
  const entry: Entry = {
    path: "/x",
    kind: "file",
    mode: 0o644,
    uid: 3_000_000_000,
    gid: 1,
    mtime: "-500000000",
    size: 9_000_000_000,
  };
  const head = new TextDecoder("latin1").decode(
    tarHead({ entry, name: "n".repeat(300) }, { size: 9_000_000_000, isSparse: false }),
  );
  for (
    const record of ["mtime=-0.500000000", "uid=3000000000", "size=9000000000", `310 path=${"n".repeat(300)}`]
  ) {
    assert.ok(head.includes(`${record}\n`), record);
  }
});

Deno.test({
  name: "unzip makes of a zip what was backed up, links among it",
  ignore: !HAS_UNZIP,
  async fn() {
    await using machine = await Machine.make();
    for (const name of ["d/one", "d/e/two", "é/três"]) machine.write(name);
    machine.write("large", new Uint8Array(3_000_000).map((_, i) => i));
    Deno.symlinkSync("d/one", `${machine.data}/link`);
    Deno.chmodSync(`${machine.data}/d/one`, 0o755);
    const { id } = await machine.backUp();
    const path = `${machine.directory}/a.zip`;
    const leftOut: Member[] = [];
    await save(
      zip(sound(await membersOf(machine, id, machine.data)), (member) => leftOut.push(member)),
      path,
    );
    await run("unzip", ["-q", path, "-d", "unpacked"], machine.directory);
    const essence = async (root: string) =>
      (await Promise.all(
        ["d/one", "d/e/two", "é/três", "large"].map((name) => Deno.readFile(`${root}/${name}`)),
      )).map(String);
    const unpacked = `${machine.directory}/unpacked${machine.data}`;
    assert.deepEqual(await essence(unpacked), await essence(machine.data));
    assert.equal(Deno.readLinkSync(`${unpacked}/link`), "d/one");
    assert.equal(Deno.statSync(`${unpacked}/d/one`).mode! & 0o777, 0o755);
    assert.deepEqual(leftOut, []);
  },
});

Deno.test("a time that zip has no word for is the nearest that it has", async () => {
  const times = ["-1000000000", "0", "1000000000000000000", "9000000000000000000"];
  const made = times.map((mtime, i): Member => {
    const name = `d${i}`;
    return { name, entry: { path: `/${name}`, kind: "directory", mode: 0o755, uid: 0, gid: 0, mtime } };
  });
  const bytes = new Uint8Array(await new Response(zip(sound(made), () => {})).arrayBuffer());
  const view = new DataView(bytes.buffer);
  const years: number[] = [];
  for (let at = 0; at + 46 <= bytes.length; at++) {
    if (view.getUint32(at, true) === 0x02014b50) years.push(1980 + (view.getUint16(at + 14, true) >> 9));
  }
  assert.deepEqual(years, [1980, 1980, 2001, 2107]);
});

Deno.test("names that would lead elsewhere when they are unpacked are left out and said", async () => {
  await using machine = await Machine.make();
  const file = { kind: "file", mode: 0o644, uid: 0, gid: 0, mtime: "0", size: 0, chunks: [] } as const;
  const snapshot = await forge(machine, [
    { ...file, path: "/../escaped" },
    { ...file, path: "/a/../../escaped" },
    { ...file, path: "/b//c" },
    { ...file, path: "/fine" },
    { ...file, kind: "symlink", path: "/link", target: "/etc", size: undefined, chunks: undefined },
    { ...file, path: "/link/passwd" },
    { ...file, path: "/z", hardlink: "/link/passwd" },
  ], []);
  const members = await membersOf(machine, snapshot.id, "/");
  const names = members.map((member) => member instanceof Error ? "!" : member.name);
  assert.deepEqual(names, ["!", "!", "!", "fine", "link", "!", "z"]);
  assert.equal((members.at(-1) as Member).link, undefined);
  const archive = `${machine.directory}/hostile.tar`;
  await save(tar(sound(members.filter((member) => !(member instanceof Error)))), archive);
  assert.deepEqual((await run("tar", ["-tf", archive], dirname(archive))).trim().split("\n"), [
    "fine",
    "link",
    "z",
  ]);
});
