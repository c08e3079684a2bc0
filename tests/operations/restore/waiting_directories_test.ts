import assert from "node:assert/strict";
import type { Entry } from "../../../src/model/entry.ts";
import { decodePage } from "../../../src/model/page.ts";
import { pageWith } from "../../../src/operations/restore/page_with.ts";
import { WaitingDirectories } from "../../../src/operations/restore/waiting_directories.ts";

function page(...paths: readonly string[]): Uint8Array {
  return pageWith(
    paths.map((path): Entry => ({ path, kind: "directory", mode: 0o755, uid: 0, gid: 0, mtime: "0" })),
  );
}

function pathsOf(pages: readonly Uint8Array[]): string[][] {
  return pages.map((page) => decodePage(new TextDecoder().decode(page)).map(({ path }) => path));
}

Deno.test("a directory waits as long as something in it is to come, and its neighbours do not", () => {
  const waiting = new WaitingDirectories();
  waiting.add(page("/", "/a", "/a/b"));
  waiting.add(page("/a/c"));
  assert.deepEqual(pathsOf(waiting.take("/a/c/file")), [["/a/b"]]);
  waiting.add(page("/a/d", "/b"));
  assert.deepEqual(pathsOf(waiting.take("/b")), [["/a/d"], ["/a/c"], ["/a"]]);
  assert.deepEqual(pathsOf(waiting.take(undefined)), [["/b"], ["/"]]);
  assert.deepEqual(waiting.take(undefined), []);
});

Deno.test("of all directories that wait the last come first, so that those below a directory come before it", () => {
  const waiting = new WaitingDirectories();
  waiting.add(page("/", "/a"));
  waiting.add(page("/a/b"));
  assert.deepEqual(pathsOf(waiting.take(undefined)), [["/a/b"], ["/", "/a"]]);
});
