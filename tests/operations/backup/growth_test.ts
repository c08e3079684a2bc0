import assert from "node:assert/strict";
import { Growth } from "../../../src/operations/backup/growth.ts";

function largest(files: Record<string, number>) {
  const growth = new Growth();
  for (const [path, bytes] of Object.entries(files)) growth.add(path, bytes);
  return growth.largest().map(({ path, bytes }) => [path, bytes]);
}

Deno.test("growth is named by directories, and by a file that is most of its directory", () => {
  assert.deepEqual(largest({}), []);
  assert.deepEqual(largest({ "/a/one": 10, "/a/two": 10, "/b/big": 100, "/b/small": 1, "/top": 5 }), [
    ["/b/big", 100],
    ["/a/", 20],
    ["/top", 5],
    ["/b/", 1],
  ]);
});

Deno.test("growth has five causes at most, the largest", () => {
  const files = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`/dir${i}/file`, i + 1]));
  assert.deepEqual(largest(files), [40, 39, 38, 37, 36].map((bytes) => [`/dir${bytes - 1}/file`, bytes]));
});

Deno.test("growth of very many directories stays bounded and keeps the largest", () => {
  const growth = new Growth();
  for (let i = 0; i < 30_000; i++) {
    growth.add(`/small${i}/file`, 1);
    growth.add(`/large/${i}`, 2);
  }
  assert.deepEqual(growth.largest()[0], { path: "/large/", bytes: 60_000 });
});
