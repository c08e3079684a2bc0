import assert from "node:assert/strict";
import { compressFrame, decompressAll } from "../../src/blob/zstd.ts";
import { CorruptionError, UsageError } from "../../src/base/errors.ts";
import { hostIdOf } from "../../src/model/host_id.ts";
import { addSignature, encodeManifest, type Manifest, MANIFEST_TEXT_MAX } from "../../src/model/manifest.ts";
import {
  namesIn,
  openManifest,
  openSigned,
  sealedNames,
  signedManifest,
} from "../../src/read/signed_manifest.ts";
import { newNamesKey } from "../../src/seal/names_key.ts";
import { newSigningKey, publicKeyOf, signText } from "../../src/seal/signature.ts";

const SIGNING_KEY = newSigningKey();
const HOST_KEY = publicKeyOf(SIGNING_KEY);
const HOST = hostIdOf(HOST_KEY);
const OTHER_KEY = newSigningKey();
const OTHER_HOST = hostIdOf(publicKeyOf(OTHER_KEY));
const ID = "20250102T030405Z-abcdefgh-00000000";
const SHA256 = "ab".repeat(32);
const NAMES = { hostname: "web1", name: "home", files: 1, directories: 2, others: 3, bytes: 4, stored: 5 };

const MANIFEST: Omit<Manifest, "hostKey"> = {
  id: ID,
  host: HOST,
  startedAt: "2025-01-02T03:04:05.000Z",
  finishedAt: "2025-01-02T03:05:00.000Z",
  set: "0".repeat(32),
  incomplete: false,
  names: NAMES,
  snapshot: { sha256: SHA256, size: 7 },
  lists: [[SHA256, 100, 3]],
  tail: [["blobs", SHA256, 9]],
};

const encoder = new TextEncoder();
const textOf = (stored: Uint8Array) => new TextDecoder().decode(decompressAll(stored, MANIFEST_TEXT_MAX));
const store = (text: string) => compressFrame(encoder.encode(text), 1);
/** `text` with a signature that fits, whatever it says. */
const sign = (text: string, key = SIGNING_KEY) => addSignature(text, signText(text, key));

const signed = signedManifest(MANIFEST, SIGNING_KEY);

Deno.test("openManifest() gives what signedManifest() wrote", () =>
  assert.deepEqual(openManifest(signed, HOST, ID), { ...MANIFEST, hostKey: HOST_KEY }));

Deno.test("a change of any character of a signed manifest is damage", () => {
  const text = textOf(signed);
  for (let i = 0; i < text.length; i++) {
    const changed = text.slice(0, i) + (text[i] === "x" ? "y" : "x") + text.slice(i + 1);
    assert.throws(() => openManifest(store(changed), HOST, ID), CorruptionError, changed);
  }
});

const REFUSED: [what: string, stored: Uint8Array, host: string, id: string][] = [
  ["nothing", new Uint8Array(), HOST, ID],
  ["what is not zstd", encoder.encode(textOf(signed)), HOST, ID],
  ["a stored manifest that is cut short", signed.subarray(0, -1), HOST, ID],
  ["more text than a manifest may have", compressFrame(new Uint8Array(MANIFEST_TEXT_MAX + 1), 1), HOST, ID],
  ["the manifest of another snapshot", signed, HOST, "20250102T030405Z-bbbbbbbb-00000000"],
  ["a manifest in the directory of another host", signed, OTHER_HOST, ID],
  ["a manifest that another host has signed", signedManifest(MANIFEST, OTHER_KEY), HOST, ID],
  ["that, in the directory of the other host", signedManifest(MANIFEST, OTHER_KEY), OTHER_HOST, ID],
  [
    "a manifest that says it is signed by this host, and is signed by another",
    store(sign(encodeManifest({ ...MANIFEST, hostKey: HOST_KEY }), OTHER_KEY)),
    HOST,
    ID,
  ],
  ["a signed text that is no JSON", store(sign(`{"a":,"host_key":"${HOST_KEY}"}`)), HOST, ID],
  ["a signed text that is no manifest", store(sign(`{"a":1,"host_key":"${HOST_KEY}"}`)), HOST, ID],
];

for (const [what, stored, host, id] of REFUSED) {
  Deno.test(`openManifest() refuses ${what}`, () =>
    assert.throws(() => openManifest(stored, host, id), CorruptionError));
}

Deno.test("a newer manifest says that this program is old, if the host has signed it", () => {
  const newer = `{"vaultik_manifest":3,"host_key":"${HOST_KEY}"}`;
  assert.throws(() => openManifest(store(sign(newer)), HOST, ID), UsageError);
  assert.throws(() => openManifest(store(sign(newer, OTHER_KEY)), HOST, ID), CorruptionError);
});

Deno.test("nothing is parsed before its signature was checked", () => {
  const unsigned = addSignature(`{"__proto__":,"host_key":"${HOST_KEY}"}`, btoa("\0".repeat(64)));
  assert.throws(() => openSigned(encoder.encode(unsigned), HOST), /signature does not fit/);
});

Deno.test("names are opened with the names key of the host, for this snapshot only, or are in clear", () => {
  const key = newNamesKey();
  const names = sealedNames(NAMES, key, HOST, ID);
  assert.deepEqual(namesIn({ names, host: HOST, id: ID }, key), NAMES);
  assert.deepEqual(namesIn({ names: NAMES, host: HOST, id: ID }, undefined), NAMES);
  const closed: [host: string, id: string, key: string | undefined][] = [
    [HOST, ID, undefined],
    [HOST, ID, newNamesKey()],
    [OTHER_HOST, ID, key],
    [HOST, "20250102T030405Z-bbbbbbbb-00000000", key],
  ];
  for (const [host, id, key] of closed) assert.equal(namesIn({ names, host, id }, key), undefined);
});
