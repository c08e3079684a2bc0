import assert from "node:assert/strict";
import fc from "fast-check";
import { CorruptionError } from "../../src/base/errors.ts";
import { IdSet } from "../../src/base/id_set.ts";
import {
  decodeManifest,
  encodeManifest,
  type Manifest,
  type StoredObject,
} from "../../src/model/manifest.ts";
import { takeObjects } from "../../src/model/manifest_objects.ts";

const encoder = new TextEncoder();
const noIds = () => ({ pages: new IdSet(), blobs: new IdSet() });

function manifestOf(
  pages: readonly StoredObject[],
  blobs: readonly StoredObject[],
  hostname = "web1",
): Manifest {
  return {
    id: "web1_home_20250101T000000Z",
    hostId: "h",
    hostname,
    name: "home",
    startedAt: "2025-01-01T00:00:00.000Z",
    finishedAt: "2025-01-01T00:00:01.000Z",
    totals: { files: 1, directories: 2, others: 3, bytes: 4 },
    incomplete: false,
    snapshot: { sha256: "00".repeat(32), size: 5 },
    pages,
    blobs,
    hostKey: "k",
  };
}

const id = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => bytes.toHex());
const objects = fc.array(fc.tuple(id, fc.nat()), { maxLength: 20 });

Deno.test("takeObjects() takes every id of both lists, and leaves all else as it was", () => {
  const hostname = fc.oneof(fc.string(), fc.constant(',"pages":[["'), fc.constant('\\",\\"blobs\\":['));
  fc.assert(fc.property(objects, objects, hostname, (pages, blobs, hostname) => {
    const manifest = manifestOf(pages, blobs, hostname);
    const named = noIds();
    const rest = takeObjects(encoder.encode(encodeManifest(manifest)), named);
    assert.deepEqual(decodeManifest(rest), { ...manifest, pages: [], blobs: [] });
    assert.deepEqual([...named.pages], [...new Set(pages.map(([id]) => id))]);
    assert.deepEqual([...named.blobs], [...new Set(blobs.map(([id]) => id))]);
  }));
});

Deno.test("takeObjects() refuses lists that are not written as a manifest's are", () => {
  const good = encodeManifest(manifestOf([["11".repeat(32), 1]], [["22".repeat(32), 2]]));
  const faults: [what: string, text: string][] = [
    ["no list of pages", good.replace('"pages"', '"sheets"')],
    ["no list of blobs", good.replace('"blobs"', '"blops"')],
    ["an id too short", good.replace("11".repeat(32), "11".repeat(31))],
    ["an id with another letter", good.replace("2222", "222z")],
    ["a size that is text", good.replace(",2]", ',"2"]')],
    ["another member in an object", good.replace(",2]", ",2,3]")],
    ["a list that does not end", good.slice(0, good.indexOf(",2]") + 2)],
    ["a space", good.replace(',"blobs":[[', ',"blobs":[ [')],
  ];
  for (const [what, text] of faults) {
    assert.notEqual(text, good, what);
    assert.throws(() => takeObjects(encoder.encode(text), noIds()), CorruptionError, what);
  }
});
