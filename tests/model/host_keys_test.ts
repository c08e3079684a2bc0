import assert from "node:assert/strict";
import fc from "fast-check";
import { atLeast } from "../../src/base/at_least.ts";
import { toBase64, toHex } from "../../src/base/bytes.ts";
import { CorruptionError, UsageError } from "../../src/base/errors.ts";
import { hostIdOf } from "../../src/model/host_id.ts";
import {
  decodeHost,
  decodeKeys,
  encodeHost,
  encodeKeys,
  HOST_STORED_MAX,
  KEYS_STORED_MAX,
  recipientTag,
  type SealedKeys,
} from "../../src/model/host_keys.ts";
import { hostId, hostname } from "./arbitraries.ts";

const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
const CREATED = "2025-01-02T03:04:05.678Z";

const keys: fc.Arbitrary<SealedKeys> = fc.tuple(
  bytes,
  bytes,
  bytes,
  hostId,
  hostname,
  fc.option(fc.array(fc.string().map(recipientTag)), { nil: undefined }),
)
  .map(([signing, seed, names, host, hostname, recipients]) => ({
    signingKey: toBase64(signing),
    chunkerSeed: toHex(seed),
    namesKey: toBase64(names),
    host,
    hostname,
    created: CREATED,
    ...recipients && { recipients },
  }));

Deno.test("decodeKeys() is the inverse of encodeKeys(), whose text is within its bound", () =>
  fc.assert(fc.property(keys, (keys) => {
    const text = encodeKeys(keys);
    assert.deepEqual(decodeKeys(text), keys);
    assert.ok(text.length < KEYS_STORED_MAX);
  })));

Deno.test("decodeHost() is the inverse of encodeHost(), for the host that the key makes only", () =>
  fc.assert(fc.property(bytes, hostId, (key, other) => {
    const hostKey = toBase64(key);
    const text = encodeHost(CREATED, hostKey);
    assert.deepEqual(decodeHost(text, hostIdOf(hostKey)), { created: CREATED, hostKey });
    assert.throws(() => decodeHost(text, other), CorruptionError);
    assert.ok(text.length < HOST_STORED_MAX);
  })));

const [sample] = atLeast(1, fc.sample(keys, { numRuns: 1, seed: 1 }));
const json = JSON.parse(encodeKeys(sample));
const changed = (change: Record<string, unknown>) => JSON.stringify({ ...json, ...change });

const DAMAGED: [what: string, text: string][] = [
  ["an empty text", ""],
  ["null", "null"],
  ["another version", changed({ vaultik_keys: 1 })],
  ["a signing key that is too short", changed({ signing_key: "AAAA" })],
  ["a seed that is no hex", changed({ chunker_seed: "x".repeat(64) })],
  ["a hostname that is too long", changed({ hostname: "x".repeat(257) })],
  ["a time that is none", changed({ created: "now" })],
  ["a recipient that is none", changed({ recipients: ["age1"] })],
  ...Object.keys(json).filter((member) => member !== "recipients").map((
    member,
  ): [string, string] => [`keys without ${member}`, changed({ [member]: undefined })]),
];

for (const [what, text] of DAMAGED) {
  Deno.test(`decodeKeys() refuses ${what}`, () => assert.throws(() => decodeKeys(text), CorruptionError));
}

Deno.test("what a newer program wrote of a host says so", () => {
  assert.throws(() => decodeKeys(changed({ vaultik_keys: 3 })), UsageError);
  assert.throws(() => decodeHost('{"vaultik_host":3}', sample.host), UsageError);
});

for (
  const text of [
    "",
    "null",
    '{"vaultik_host":1}',
    `{"vaultik_host":2,"created":"${CREATED}","host_key":"AAAA"}`,
  ]
) {
  Deno.test(`decodeHost() refuses ${JSON.stringify(text)}`, () =>
    assert.throws(() => decodeHost(text, sample.host), CorruptionError));
}
