import assert from "node:assert/strict";
import { writerTo } from "../../src/cli/stream_writers.ts";

const unexpected = (cause: unknown) => assert.fail(String(cause));

Deno.test("writerTo() writes all of a text, also in pieces", () => {
  const pieces: number[] = [];
  const write = writerTo({ writeSync: (bytes) => (pieces.push(bytes[0]!), 1) }, unexpected);
  write("hé");
  assert.equal(new TextDecoder().decode(new Uint8Array(pieces)), "hé");
});

Deno.test("writerTo() goes on where the pipe was full for a moment", () => {
  let calls = 0;
  const write = writerTo({
    writeSync: (bytes) => {
      if (++calls === 1) throw new Deno.errors.WouldBlock("full");
      return bytes.length;
    },
  }, unexpected);
  write("hello");
  assert.equal(calls, 2);
});

Deno.test("writerTo() drops quietly what no one reads any more", () => {
  let calls = 0;
  const write = writerTo({
    writeSync: () => {
      calls++;
      throw new Deno.errors.BrokenPipe("closed");
    },
  }, unexpected);
  write("one");
  write("two");
  assert.equal(calls, 1);
});

Deno.test("writerTo() says when the disk below is full", () => {
  const failures: unknown[] = [];
  const full = new Error("No space left on device");
  const write = writerTo({
    writeSync: () => {
      throw full;
    },
  }, (cause) => failures.push(cause));
  write("one");
  assert.deepEqual(failures, [full]);
});
