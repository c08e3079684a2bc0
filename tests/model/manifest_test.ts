import assert from "node:assert/strict";
import fc from "fast-check";
import { atLeast } from "../../src/base/at_least.ts";
import { toBase64 } from "../../src/base/bytes.ts";
import { CorruptionError, UsageError } from "../../src/base/errors.ts";
import { LIST_BLOBS_MAX, LIST_STORED_MAX } from "../../src/model/blob_list.ts";
import { hostIdOf } from "../../src/model/host_id.ts";
import {
  addSignature,
  decodeManifest,
  decodeNames,
  encodeManifest,
  encodeNames,
  type Manifest,
  SNAPSHOT_STORED_MAX,
  type SnapshotNames,
  splitSignature,
} from "../../src/model/manifest.ts";
import { hostname, id, snapshot } from "./arbitraries.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(toBase64);
const kind = fc.constantFrom("blobs" as const, "pages" as const);
const plain = { noNullPrototype: true } as const;

const names: fc.Arbitrary<SnapshotNames> = fc.record({
  hostname,
  name: hostname,
  files: fc.nat(),
  directories: fc.nat(),
  others: fc.nat(),
  bytes: fc.maxSafeNat(),
  stored: fc.maxSafeNat(),
}, plain);

const relocation = fc.tuple(id, id, fc.nat(), fc.nat(), fc.nat(), id);
const flags = fc.record({
  suspicious: fc.boolean(),
  blind: fc.boolean(),
  relocations: fc.array(relocation, { maxLength: 3 }),
  lost: fc.array(fc.string({ maxLength: 200 }), { maxLength: 3 }),
}, { ...plain, requiredKeys: [] });

const manifest: fc.Arbitrary<Manifest> = fc.tuple(
  snapshot,
  flags,
  fc.record({
    set: id.map((id) => "01234567" + id.slice(40)),
    incomplete: fc.boolean(),
    names: fc.oneof(names, fc.uint8Array().map(toBase64)),
    snapshot: fc.record({ sha256: id, size: fc.nat({ max: SNAPSHOT_STORED_MAX }) }, plain),
    lists: fc.array(fc.tuple(id, fc.nat({ max: LIST_STORED_MAX }), fc.nat({ max: LIST_BLOBS_MAX })), {
      maxLength: 4,
    }),
    tail: fc.array(fc.tuple(kind, id, fc.maxSafeNat()), { maxLength: 4 }),
    hostKey: bytes(32),
  }),
).map(([{ id, startedAt, finishedAt }, flags, rest]) => ({
  ...{ id, startedAt, finishedAt },
  ...flags,
  ...rest,
  host: hostIdOf(rest.hostKey),
}));

const utf8 = new TextEncoder();
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const decode = (json: string, { host, id }: Manifest) => decodeManifest(json, host, id);

Deno.test("decodeManifest() is the inverse of encodeManifest()", () => {
  fc.assert(fc.property(manifest, (manifest) => {
    assert.deepEqual(decode(encodeManifest(manifest), manifest), manifest);
  }));
});

Deno.test("encodeManifest() tells nothing of a snapshot that is not for the public", () => {
  fc.assert(fc.property(manifest, (manifest) => {
    const more = {
      ...manifest,
      hostname: "web1",
      name: "home",
      roots: ["/secret"],
      errors: [{}],
      chunker: {},
    };
    assert.equal(encodeManifest(more as Manifest), encodeManifest(manifest));
  }));
});

Deno.test("splitSignature() gives back the text that was signed, byte for byte, and who signed it", () => {
  fc.assert(fc.property(manifest, bytes(64), (manifest, signature) => {
    const encoded = encodeManifest(manifest);
    const signed = utf8.encode(addSignature(encoded, signature));
    const { hostKey } = manifest;
    assert.deepEqual(splitSignature(signed), { text: utf8.encode(encoded), hostKey, signature });
    assert.equal(JSON.parse(text(signed)).signature, signature);
  }));
});

Deno.test("splitSignature() takes what looks like a signature inside a name for text", () => {
  const [a, b] = atLeast(2, fc.sample(bytes(64), { numRuns: 2, seed: 1 }));
  fc.assert(fc.property(manifest, (manifest) => {
    const end = `,"host_key":"${manifest.hostKey}","signature":"${a}"}`;
    const encoded = encodeManifest({ ...manifest, lost: [end] });
    assert.equal(text(splitSignature(utf8.encode(addSignature(encoded, b))).text), encoded);
    assert.throws(() => splitSignature(utf8.encode(encoded)), CorruptionError);
  }));
});

const [KEY] = fc.sample(bytes(32), { numRuns: 1, seed: 1 });
const [SIGNATURE] = atLeast(1, fc.sample(bytes(64), { numRuns: 1, seed: 1 }));

/** The last digit that counts has bits that no byte has. */
function otherDigits(base64: string): string {
  const digits = base64.replace(/=+$/, "");
  const other = String.fromCharCode(digits.charCodeAt(digits.length - 1) + 1) + base64.slice(digits.length);
  const text = digits.slice(0, -1) + other;
  assert.equal(atob(text), atob(base64));
  return text;
}

const UNSIGNED: [what: string, text: string][] = [
  ["nothing", ""],
  ["no signature", "{}"],
  ["a signature and nothing else", `,"host_key":"${KEY}","signature":"${SIGNATURE}"}`],
  ["an empty signature", `{"a":1,"host_key":"${KEY}","signature":""}`],
  ["a short signature", `{"a":1,"host_key":"${KEY}","signature":"${SIGNATURE.slice(4)}"}`],
  ["no key", `{"a":1,"signature":"${SIGNATURE}"}`],
  ["a key that is not before the signature", `{"host_key":"${KEY}","a":1,"signature":"${SIGNATURE}"}`],
  [
    "a key in other digits for the same bytes",
    `{"a":1,"host_key":"${otherDigits(KEY!)}","signature":"${SIGNATURE}"}`,
  ],
  ["a signature in such digits", `{"a":1,"host_key":"${KEY}","signature":"${otherDigits(SIGNATURE)}"}`],
  ["something after the signature", `{"a":1,"host_key":"${KEY}","signature":"${SIGNATURE}"}\n`],
];

for (const [what, text] of UNSIGNED) {
  Deno.test(`splitSignature() refuses ${what}`, () => {
    assert.throws(() => splitSignature(utf8.encode(text)), CorruptionError);
  });
}

const [sample] = atLeast(1, fc.sample(manifest, { numRuns: 1, seed: 1 }));
const json = JSON.parse(encodeManifest({ ...sample, names: "AAAA" }));
const changed = (change: Record<string, unknown>) => JSON.stringify({ ...json, ...change });
const OPTIONAL = ["suspicious", "blind", "relocations", "lost"];
const ID = "ab".repeat(32);

const DAMAGED: [what: string, text: string][] = [
  ["an empty text", ""],
  ["null", "null"],
  ["a list", "[]"],
  ["a number", "7"],
  ["no version", "{}"],
  ["another version", changed({ vaultik_manifest: 1 })],
  ["a snapshot", '{"vaultik_snapshot":2}'],
  ["another id", changed({ id: "20250102T030405Z-aaaaaaaa-01234567" })],
  ["an id that is a path", changed({ id: "../x" })],
  ["another host", changed({ host: "a".repeat(26) })],
  ["another key", changed({ host_key: KEY })],
  ["a time that is none", changed({ finished_at: "x" })],
  ["a set that is a name", changed({ set: "home" })],
  ["a set that is not that of its id", changed({ set: "0".repeat(32) })],
  ["flags that are no flags", changed({ incomplete: 1 })],
  ["names that are too long", changed({ names: "AAAA".repeat(1025) })],
  ["names that are no base64", changed({ names: "%" })],
  ["half of the names", changed({ names: { hostname: "web1" } })],
  [
    "a sealed snapshot that is too large",
    changed({ snapshot: { sha256: ID, size: SNAPSHOT_STORED_MAX + 1 } }),
  ],
  ["a list that is too large", changed({ lists: [[ID, LIST_STORED_MAX + 1, 1]] })],
  ["a list of too many blobs", changed({ lists: [[ID, 1, LIST_BLOBS_MAX + 1]] })],
  ["a list that is a path", changed({ lists: [["../x", 1, 1]] })],
  ["too many lists", changed({ lists: Array(65_537).fill([ID, 1, 1]) })],
  ["too many blobs", changed({ tail: Array(LIST_BLOBS_MAX + 1).fill(["blobs", ID, 1]) })],
  ["a blob of no kind", changed({ tail: [["lists", ID, 1]] })],
  ["a relocation that is too short", changed({ relocations: [[ID, ID, 1, 1, ID]] })],
  ["a lost object with a long name", changed({ lost: ["x".repeat(201)] })],
  ...Object.keys(json).filter((member) => !OPTIONAL.includes(member))
    .map((member): [string, string] => [`one without ${member}`, changed({ [member]: undefined })]),
];

for (const [what, text] of DAMAGED) {
  Deno.test(`decodeManifest() refuses ${what}`, () => {
    assert.throws(() => decode(text, sample), CorruptionError);
  });
}

Deno.test("decodeManifest() says of a newer manifest that this program is old", () =>
  assert.throws(() => decode('{"vaultik_manifest":3}', sample), UsageError));

Deno.test("decodeNames() is the inverse of encodeNames()", () => {
  fc.assert(fc.property(names, (names) => {
    assert.deepEqual(decodeNames(encodeNames(names)), names);
  }));
});

for (const text of ["", "null", "{}", '{"hostname":"web1","name":"home"}']) {
  Deno.test(`decodeNames() refuses ${JSON.stringify(text)}`, () =>
    assert.throws(() => decodeNames(utf8.encode(text)), CorruptionError));
}
