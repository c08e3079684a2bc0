import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { atLeast } from "../../src/base/at_least.ts";
import { EnvironmentError } from "../../src/base/errors.ts";
import type { StreamSource } from "../../src/operations/backup/options.ts";
import { Pipeline } from "../../src/platform/pipeline.ts";
import { Machine } from "./machine.ts";

const SECONDS_30 = 30_000;

function command(path: string, ...stages: string[][]): StreamSource {
  return { path, open: () => new Pipeline(stages, { env: {}, timeoutMs: SECONDS_30 }) };
}

/** A stream of these bytes, in pieces of `pieceBytes`. */
function bytes(path: string, contents: Uint8Array, pieceBytes: number, fault?: string): StreamSource {
  return {
    path,
    open() {
      let at = 0;
      return {
        bytes: new ReadableStream({
          pull(controller) {
            if (at < contents.length) controller.enqueue(contents.slice(at, at += pieceBytes));
            else controller.close();
          },
        }),
        ended: () => Promise.resolve(fault),
        [Symbol.dispose]() {},
      };
    },
  };
}

function restored(target: string, path: string): Uint8Array {
  return Deno.readFileSync(`${target}${path}`);
}

Deno.test("what programs print is stored as files beside what the file system has", async () => {
  await using machine = await Machine.make();
  machine.write("a/file", "of the file system");
  const contents = new Uint8Array(randomBytes(3_000_000));
  const streams = [
    command("/dumps/hello", ["printf", "hello world"], ["tr", "a-z", "A-Z"]),
    bytes("/dumps/deep/large", contents, 70_001),
    bytes("/dumps/deep/one piece", contents, contents.length),
    command("/dumps/empty", ["true"]),
  ];
  const summary = await machine.backUp({ streams });
  assert.deepEqual(summary.unreadable, []);
  assert.equal(summary.files, 5);
  assert.equal(summary.bytesNew, contents.length + 11 + 18);
  const { target, files } = await machine.restore(summary);
  assert.equal(files, 5);
  assert.equal(new TextDecoder().decode(restored(target, "/dumps/hello")), "HELLO WORLD");
  assert.deepEqual(restored(target, "/dumps/deep/large"), contents);
  assert.deepEqual(restored(target, "/dumps/deep/one piece"), contents);
  assert.equal(restored(target, "/dumps/empty").length, 0);
  assert.equal(Deno.statSync(`${target}/dumps/hello`).mode! & 0o777, 0o600);
});

Deno.test("a stream is read at every run, also in one over changes, and costs what is new in it", async () => {
  await using machine = await Machine.make();
  machine.writePages(3);
  const contents = new Uint8Array(randomBytes(4_000_000));
  const paths = [`${machine.data}/many/0-file-3 dump`, `${machine.data}/new/dump`, "/zzz/dump"];
  const streams = paths.map((path) => bytes(path, contents, 65_536));
  const first = await machine.backUp({ streams });
  contents[2_000_000]!++;
  const changes = { directories: [], subtrees: [] };
  const second = await machine.backUp({ streams, changes });
  assert.equal(second.scanned, "changes");
  assert.equal(second.files, first.files);
  assert.ok(second.bytesRead === 12_000_000 && second.bytesNew < 500_000, `${second.bytesNew} bytes new`);
  const third = await machine.backUp({ streams, changes: { ...changes, directories: [machine.data] } });
  const all = await machine.backUp({ streams });
  for (const summary of [second, third, all]) {
    const { target, files } = await machine.restore(summary);
    assert.equal(files, first.files);
    for (const path of paths) assert.deepEqual(restored(target, path), contents);
  }
});

Deno.test("a stream that fails is left out of an incomplete snapshot, and is back in the next", async () => {
  await using machine = await Machine.make();
  machine.write("a");
  const script = "printf half-a-dump; echo no such database >&2; exit 7";
  const streams = [
    command("/dumps/bad", ["sh", "-c", script], ["cat"]),
    command("/dumps/good", ["printf", "all of it"]),
  ];
  const bad = await machine.backUp({ streams });
  assert.equal(bad.incomplete, true);
  assert.deepEqual(bad.unreadable, [
    { path: "/dumps/bad", reason: "stage 1 (sh) ended with 7: no such database" },
  ]);
  const { target } = await machine.restore(bad);
  assert.throws(() => Deno.statSync(`${target}/dumps/bad`), Deno.errors.NotFound);
  assert.equal(new TextDecoder().decode(restored(target, "/dumps/good")), "all of it");
  const mended = [command("/dumps/bad", ["printf", "whole"]), streams[1]!];
  const changes = { directories: [], subtrees: [] };
  const good = await machine.backUp({ streams: mended, changes });
  assert.equal(good.incomplete, false);
  const again = await machine.restore(good);
  assert.equal(new TextDecoder().decode(restored(again.target, "/dumps/bad")), "whole");
});

Deno.test("a source set of streams alone needs no paths; where all of them fail there is no snapshot", async () => {
  await using machine = await Machine.make();
  const source = { roots: [], streams: [bytes("/a", new Uint8Array(10), 10)] };
  assert.equal((await machine.backUp(source)).files, 1);
  const failing = { roots: [], streams: [bytes("/a", new Uint8Array(10), 10, "pg_dump ended with 1")] };
  await assert.rejects(machine.backUp(failing), (error) => {
    assert.ok(error instanceof EnvironmentError);
    assert.equal(error.message, 'Cannot back up home: "/a": pg_dump ended with 1');
    return true;
  });
});

Deno.test("what the file system has at the place of a stream gives way, and a stream below a file is refused", async () => {
  await using machine = await Machine.make();
  machine.write("taken/below", "of the file system");
  machine.write("file");
  const streams = [
    command(`${machine.data}/taken`, ["printf", "streamed"]),
    command(`${machine.data}/file/below`, ["printf", "lost"]),
  ];
  const summary = await machine.backUp({ streams });
  assert.deepEqual(summary.unreadable, [
    { path: `${machine.data}/file/below`, reason: `"${machine.data}/file" is no directory` },
  ]);
  const { target } = await machine.restore(summary);
  assert.equal(
    new TextDecoder().decode(restored(target, `${machine.data}/taken`)),
    "streamed",
  );
});

Deno.test("a dump that shrinks is suspicious, one that fails is unreadable and is compared with the last good one again", async () => {
  await using machine = await Machine.make({ guard: { files: 0.5, bytes: 0.5 } });
  machine.write("a");
  const dump = (size: number, fault?: string) => ({
    streams: [bytes("/dumps/app", new Uint8Array(randomBytes(size)), 70_001, fault)],
  });
  assert.deepEqual((await machine.backUp(dump(200_000))).suspicious, []);
  assert.deepEqual((await machine.backUp(dump(150_000))).suspicious, []);
  const failed = await machine.backUp(dump(10_000, "it was killed"));
  assert.deepEqual([failed.suspicious, failed.unreadable.length], [[], 1]);
  for (const size of [10_000, 0]) {
    const [{ path, reason }] = atLeast(1, (await machine.backUp(dump(size))).suspicious);
    assert.equal(path, "/dumps/app");
    assert.match(reason, /^lost \d+% of its bytes, 146 KiB before and /);
  }
  assert.deepEqual((await machine.backUp(dump(160_000))).suspicious, []);
  assert.deepEqual((await machine.backUp()).suspicious, [], "it is not asked for any more");
});
