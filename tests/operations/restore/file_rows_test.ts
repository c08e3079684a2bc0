import assert from "node:assert/strict";
import fc from "fast-check";
import type { Entry } from "../../../src/model/entry.ts";
import { FileRow, FileRowsMaker, isOneChunk } from "../../../src/operations/restore/file_rows.ts";
import { entry, place } from "../../model/arbitraries.ts";

const MEMBERS = ["path", "kind", "mode", "uid", "gid", "mtime", "size"] as const;
const file = fc.tuple(entry, place).map(([some, chunk]): Entry => ({
  ...some,
  path: `/${some.path}`,
  kind: "file",
  size: chunk.length,
  chunks: [chunk],
  holes: undefined,
  xattrs: undefined,
}));

Deno.test("files of one chunk are the same after they went to another thread as rows", () => {
  fc.assert(fc.property(fc.array(file, { maxLength: 8 }), ([...files]) => {
    const rows = new FileRowsMaker();
    for (const some of files) {
      assert.ok(isOneChunk(some));
      rows.add(some, some.chunks![0]!);
    }
    const sent = structuredClone(rows.rows("ab", 7));
    if (files.length === 0) return assert.equal(sent, undefined);
    const found = [...FileRow.all(sent!)];
    assert.equal(found.length, files.length);
    for (const [i, row] of found.entries()) {
      const { chunks: [chunk] = [], ...some } = files[i]!;
      for (const member of MEMBERS) assert.equal(row[member], some[member]);
      assert.equal(`${row.directory}/${row.name}`, some.path);
      assert.deepEqual([row.blob, row.blobSize], ["ab", 7]);
      assert.deepEqual([row.offset, row.length, row.id], [chunk!.offset, chunk!.length, chunk!.id]);
    }
  }));
});

Deno.test("a directory is there once in rows for the files in it, and not for those further down or beside it", () => {
  const [one] = fc.sample(file, 1);
  const paths = ["/a/b", "/a/c", "/a/c/d", "/a/cc/d", "/b/cc/d", "/b/cc/e", "/f", "/g", "/ab"];
  const rows = new FileRowsMaker();
  for (const path of paths) rows.add({ ...one!, path }, one!.chunks![0]!);
  const made = rows.rows("ab", 7)!;
  assert.deepEqual(made.directories, ["/a", "/a/c", "/a/cc", "/b/cc", ""]);
  assert.deepEqual([...FileRow.all(made)].map(({ path }) => path), paths);
});

Deno.test("a file with holes, attributes or several chunks is no row, nor is one whose path is none", () => {
  const [one] = fc.sample(file, 1);
  const others: Partial<Entry>[] = [{ holes: [] }, { xattrs: [] }, { chunks: [] }, { path: "a" }];
  others.push({ chunks: [...one!.chunks!, ...one!.chunks!] }, { chunks: undefined });
  for (const change of others) assert.ok(!isOneChunk({ ...one!, ...change }));
});
