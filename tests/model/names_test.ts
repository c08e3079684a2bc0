import assert from "node:assert/strict";
import fc from "fast-check";
import {
  blobName,
  manifestName,
  parseBlobName,
  snapshotId,
  snapshotName,
  snapshotOfManifest,
} from "../../src/model/names.ts";
import { id } from "./arbitraries.ts";

const ID = "0123456789abcdef".repeat(4);

Deno.test("blobName() spreads blobs over directories named by their first digits", () => {
  assert.equal(blobName("blobs", ID), `blobs/01/23/${ID}`);
  assert.equal(blobName("pages", ID), `pages/01/23/${ID}`);
});

Deno.test("parseBlobName() is the inverse of blobName()", () => {
  fc.assert(fc.property(fc.constantFrom("blobs" as const, "pages" as const), id, (kind, id) => {
    assert.deepEqual(parseBlobName(blobName(kind, id)), { kind, id });
  }));
});

const NOT_BLOBS: [what: string, name: string][] = [
  ["a name in another directory", `other/01/23/${ID}`],
  ["directories of another id", `blobs/01/24/${ID}`],
  ["an upper-case id", `blobs/01/23/${ID.toUpperCase()}`],
  ["a short id", `blobs/01/23/${ID.slice(1)}`],
  ["a temporary file", `blobs/01/23/${ID}.tmp`],
  ["something before it", `/blobs/01/23/${ID}`],
  ["a line break after it", `blobs/01/23/${ID}\n`],
];

for (const [what, name] of NOT_BLOBS) {
  Deno.test(`parseBlobName() does not take ${what}`, () => assert.equal(parseBlobName(name), undefined));
}

Deno.test("snapshotOfManifest() finds the id in the name of a manifest only", () => {
  assert.equal(snapshotOfManifest(manifestName("web1_home_20250102T030405Z")), "web1_home_20250102T030405Z");
  assert.equal(snapshotOfManifest(snapshotName("web1_home_20250102T030405Z")), undefined);
  assert.equal(snapshotOfManifest("metadata/a/b/manifest.json.zst"), undefined);
  assert.equal(snapshotOfManifest("metadata/a/manifest.json.zst.tmp"), undefined);
});

Deno.test("snapshotId() has host, name and the second in UTC", () => {
  const time = new Date("2025-01-02T03:04:05.999Z");
  assert.equal(snapshotId("web1", "home", time), "web1_home_20250102T030405Z");
});
