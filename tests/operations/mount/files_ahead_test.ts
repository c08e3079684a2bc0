import assert from "node:assert/strict";
import { CorruptionError } from "../../../src/base/errors.ts";
import { FilesAhead } from "../../../src/operations/mount/files_ahead.ts";
import type { Node } from "../../../src/operations/browse/tree.ts";
import { MemoryTree } from "./memory_tree.ts";

const FIRST = 100;
const FILES = 50;
const LOST = 120;

/** File `id` has `size` bytes that are all `id`. */
async function makeTree(size: number) {
  const ids = Array.from({ length: FILES }, (_, i) => FIRST + i);
  const nodes = ids.map((id) => [id, {
    attributes: { size },
    read: (_: number, length: number) =>
      id === LOST
        ? Promise.reject(new CorruptionError("blob lost"))
        : Promise.resolve(new Uint8Array(length).fill(id)),
  }]);
  const tree = new MemoryTree(Object.fromEntries(nodes));
  const listed: Node[] = [];
  for (const id of ids) listed.push({ id, attributes: await tree.stat(id) });
  return { tree, listed };
}

/** What the kernel is sent: the contents of nodes. See linux/fuse.h, `FUSE_NOTIFY_STORE`. */
function storedIn(notices: Uint8Array): [node: number, bytes: Uint8Array][] {
  const view = new DataView(notices.buffer, notices.byteOffset, notices.byteLength);
  const found: [number, Uint8Array][] = [];
  for (let at = 0; at < notices.length; at += view.getUint32(at, true)) {
    const length = view.getUint32(at, true);
    assert.equal(view.getInt32(at + 4, true), 4);
    assert.equal(view.getBigUint64(at + 8, true), 0n);
    assert.equal(view.getBigUint64(at + 24, true), 0n);
    assert.equal(view.getUint32(at + 32, true), length - 40);
    found.push([Number(view.getBigUint64(at + 16, true)), notices.subarray(at + 40, at + length)]);
  }
  return found;
}

/** Gives what was sent when files of `size` bytes were listed and those of the numbers `read` were read. */
async function sentAfter(read: readonly number[], size: number): Promise<[number, Uint8Array][]> {
  const { tree, listed } = await makeTree(size);
  const sent: [number, Uint8Array][] = [];
  const ahead = new FilesAhead(tree, (notices) => {
    sent.push(...storedIn(notices));
    return Promise.resolve(true);
  });
  ahead.listed(listed);
  for (const node of read) void ahead.asked(node);
  await settled();
  return sent;
}

/** Resolves when all that waits for nothing else is done. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

Deno.test("who reads file after file finds the next ones in the kernel's cache, but for one that is lost", async () => {
  const sent = await sentAfter([100, 101, 102], 500);
  assert.deepEqual(sent.map(([node]) => node), numbers(103, FIRST + FILES).filter((node) => node !== LOST));
  for (const [node, bytes] of sent) assert.deepEqual(bytes, new Uint8Array(500).fill(node));
});

Deno.test("who reads here and there, or large files, gets what is asked for", async () => {
  assert.deepEqual(await sentAfter([100, 140, 105, 130], 500), []);
  assert.deepEqual(await sentAfter([102, 101, 100], 500), []);
  assert.deepEqual(await sentAfter([100, 101, 102, 103], 100_000), []);
});

Deno.test("in a directory that is listed while files are read one after the other only the first file is asked for", async () => {
  const { tree, listed } = await makeTree(10);
  const sent: number[] = [];
  const ahead = new FilesAhead(tree, (notices) => {
    for (const [node] of storedIn(notices)) sent.push(node);
    return Promise.resolve(true);
  });
  ahead.listed(listed.slice(0, 3));
  for (const node of [100, 101, 102]) void ahead.asked(node);
  await settled();
  assert.deepEqual(sent, []);
  ahead.listed(listed.slice(5, 9));
  await ahead.asked(105);
  assert.deepEqual(sent, [106, 107, 108]);
});

Deno.test("who asks for a file in order is answered when the kernel has the next ones", async () => {
  const { tree, listed } = await makeTree(500);
  const taken = Promise.withResolvers<boolean>();
  const ahead = new FilesAhead(tree, () => taken.promise);
  ahead.listed(listed);
  for (const node of [100, 101]) await ahead.asked(node);
  let isAnswered = false;
  const answered = ahead.asked(102).then(() => isAnswered = true);
  await settled();
  assert.equal(isAnswered, false);
  taken.resolve(true);
  await answered;
});

Deno.test("a kernel that takes nothing is sent nothing more", async () => {
  const { tree, listed } = await makeTree(60_000);
  let sent = 0;
  const ahead = new FilesAhead(tree, () => Promise.resolve(++sent < 0));
  ahead.listed(listed);
  for (const node of [100, 101, 102]) void ahead.asked(node);
  await settled();
  for (const node of [103, 104, 105]) void ahead.asked(node);
  await settled();
  assert.equal(sent, 1);
});

Deno.test("at the end what is being sent is waited for, and nothing more is begun", async () => {
  const { tree, listed } = await makeTree(60_000);
  const taken = Promise.withResolvers<boolean>();
  let sent = 0;
  const ahead = new FilesAhead(tree, () => {
    sent++;
    return taken.promise;
  });
  ahead.listed(listed);
  for (const node of [100, 101, 102]) void ahead.asked(node);
  await settled();
  let isEnded = false;
  const end = ahead.end().then(() => isEnded = true);
  await settled();
  assert.equal(isEnded, false);
  taken.resolve(true);
  await end;
  assert.equal(sent, 1);
});

Deno.test("the end does not wait for a store that does not answer, and a sender that fails is asked no more", async () => {
  const stuck = { attributes: { size: 10 }, read: () => new Promise<Uint8Array>(() => {}) };
  const tree = new MemoryTree(Object.fromEntries([100, 101, 102, 103, 104].map((id) => [id, stuck])));
  let sent = 0;
  const send = () => {
    sent++;
    return Promise.reject(new Error("the thread is gone"));
  };
  const waiting = new FilesAhead(tree, send);
  const nodes = await Promise.all(
    [100, 101, 102, 103, 104].map(async (id) => ({ id, attributes: await tree.stat(id) })),
  );
  waiting.listed(nodes);
  // Who asks does not wait for it either, and another one at once.
  const asked = [100, 101, 102].map((node) => waiting.asked(node));
  await waiting.asked(103);
  await waiting.end();
  await Promise.all(asked);
  assert.equal(sent, 0);

  const { tree: readable, listed } = await makeTree(60_000);
  const failing = new FilesAhead(readable, send);
  failing.listed(listed);
  for (const node of [100, 101, 102]) void failing.asked(node);
  await settled();
  for (const node of [110, 111, 112, 113]) void failing.asked(node);
  await settled();
  await failing.end();
  assert.equal(sent, 1);
});
