import assert from "node:assert/strict";
import * as v from "valibot";
import { CorruptionError, UsageError } from "../../src/base/errors.ts";
import { Count, isSha256, parseVersioned, Sha256, Time } from "../../src/model/json.ts";

const Schema = v.object({ count: Count });
const parse = (text: string) => parseVersioned(text, "vaultik_thing", 2, Schema);

Deno.test("parseVersioned() gives the members that its schema has, and no others", () => {
  assert.deepEqual(parse('{"vaultik_thing":2,"count":7,"more":1}'), { count: 7 });
});

for (const text of ["", "{", "null", "[]", "7", '"x"', "{}", '{"count":7}', '{"vaultik_thing":2}']) {
  Deno.test(`parseVersioned() refuses ${JSON.stringify(text)}`, () =>
    assert.throws(() => parse(text), CorruptionError));
}

for (const version of ["1", "0", "-1", '"2"', '"3"', "2.5", "1e300", "null", "[3]", "true"]) {
  Deno.test(`parseVersioned() takes version ${version} for damage`, () =>
    assert.throws(() => parse(`{"vaultik_thing":${version},"count":7}`), CorruptionError));
}

Deno.test("parseVersioned() says of a newer version that this program is old, whatever the shape", () => {
  for (const version of [3, 4, Number.MAX_SAFE_INTEGER]) {
    assert.throws(
      () => parse(`{"vaultik_thing":${version}}`),
      (error: Error) => error instanceof UsageError && /newer Vaultik/.test(error.message),
    );
  }
});

Deno.test("a message never grows with what was found", () => {
  const long = "x".repeat(1_000_000);
  for (const text of [`{"vaultik_thing":"${long}"}`, `{"vaultik_thing":2,"count":"${long}"}`]) {
    assert.throws(() => parse(text), (error: Error) => error.message.length < 300);
  }
});

const VALUES: [schema: v.GenericSchema, good: unknown[], bad: unknown[]][] = [
  [Sha256, ["0f".repeat(32)], [
    "",
    "0F".repeat(32),
    "0f".repeat(31),
    `${"0f".repeat(32)}\n`,
    "../".repeat(21) + "/",
    7,
  ]],
  [Count, [0, 1, Number.MAX_SAFE_INTEGER], [-1, 0.5, Number.MAX_SAFE_INTEGER + 1, NaN, Infinity, "1", null]],
  [
    Time,
    ["2025-01-02T03:04:05Z", "2025-01-02T03:04:05.678Z", "2024-02-29T00:00:00Z"],
    [
      "",
      "2025-01-02",
      "2025-01-02T03:04:05",
      "2025-01-02T03:04:05+01:00",
      "2025-13-02T03:04:05Z",
      "2025-01-02T03:04:05.6789Z",
      "2025-01-02T03:04:05Z\n",
      7,
    ],
  ],
];

for (const [schema, good, bad] of VALUES) {
  Deno.test(`values that are written are taken and others are not: ${String(good[0])}`, () => {
    for (const value of good) assert.ok(v.is(schema, value), String(value));
    for (const value of bad) assert.ok(!v.is(schema, value), String(value));
  });
}

Deno.test("every digit of a SHA-256 is looked at, and only lower-case hex digits are some", () => {
  for (let code = 0; code < 0x100; code++) {
    const isDigit = "0123456789abcdef".includes(String.fromCharCode(code));
    for (const at of [0, 31, 63]) {
      const text = `${"0".repeat(at)}${String.fromCharCode(code)}${"f".repeat(63 - at)}`;
      assert.equal(isSha256(text), isDigit, text);
    }
  }
});
