import assert from "node:assert/strict";
import fc from "fast-check";
import { CorruptionError } from "../../src/base/errors.ts";
import {
  addSignature,
  decodeManifest,
  encodeManifest,
  type Manifest,
  splitSignature,
} from "../../src/model/manifest.ts";
import { id, snapshot } from "./arbitraries.ts";

const objects = fc.array(fc.tuple(id, fc.nat()), { maxLength: 4 });

const manifest: fc.Arbitrary<Manifest> = fc.tuple(
  snapshot,
  fc.record({
    incomplete: fc.boolean(),
    snapshot: fc.record({ sha256: id, size: fc.nat() }, { noNullPrototype: true }),
    pages: objects,
    blobs: objects,
    hostKey: fc.base64String(),
  }),
).map(([{ id, hostId, hostname, name, startedAt, finishedAt, totals }, rest]) => ({
  ...{ id, hostId, hostname, name, startedAt, finishedAt, totals },
  ...rest,
}));

const signature = fc.uint8Array({ minLength: 64, maxLength: 64 })
  .map((bytes) => btoa(String.fromCharCode(...bytes)));

Deno.test("decodeManifest() is the inverse of encodeManifest()", () => {
  fc.assert(fc.property(manifest, (manifest) => {
    assert.deepEqual(decodeManifest(encodeManifest(manifest)), manifest);
  }));
});

Deno.test("encodeManifest() tells nothing of a snapshot that is not for the public", () => {
  fc.assert(fc.property(manifest, (manifest) => {
    const more = { ...manifest, roots: ["/secret"], errors: [{ path: "/secret" }], chunker: {} };
    assert.equal(encodeManifest(more as Manifest), encodeManifest(manifest));
  }));
});

Deno.test("splitSignature() gives back the text that was signed, byte for byte", () => {
  fc.assert(fc.property(manifest, signature, (manifest, signature) => {
    const text = encodeManifest(manifest);
    const signed = addSignature(text, signature);
    assert.deepEqual(splitSignature(signed), { text, signature });
    assert.equal(JSON.parse(signed).signature, signature);
  }));
});

Deno.test("splitSignature() takes a member `signature` inside a name for text", () => {
  fc.assert(fc.property(manifest, (manifest) => {
    const text = encodeManifest({ ...manifest, name: 'x","signature":"AAAA"}' });
    assert.equal(splitSignature(addSignature(text, "BBBB")).text, text);
    assert.throws(() => splitSignature(text), CorruptionError);
  }));
});

const UNSIGNED: [what: string, text: string][] = [
  ["nothing", ""],
  ["no signature", "{}"],
  ["an empty signature", '{"a":1,"signature":""}'],
  ["a signature that is not last", '{"signature":"AAAA","a":1}'],
  ["something after the signature", '{"a":1,"signature":"AAAA"}\n'],
];

for (const [what, text] of UNSIGNED) {
  Deno.test(`splitSignature() refuses ${what}`, () => {
    assert.throws(() => splitSignature(text), CorruptionError);
  });
}

for (const text of ["", "null", "[]", "7", "{}", '{"vaultik_manifest":2}', '{"vaultik_snapshot":1}']) {
  Deno.test(`decodeManifest() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => decodeManifest(text), CorruptionError);
  });
}
