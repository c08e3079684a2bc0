import assert from "node:assert/strict";
import fc from "fast-check";
import { toBase64 } from "../../src/base/bytes.ts";
import { sha256 } from "../../src/base/digest.ts";
import { base32, hostIdOf, isHostId } from "../../src/model/host_id.ts";

Deno.test("base32() gives what RFC 4648 gives, in lower case and without padding", () => {
  const cases = [["", ""], ["f", "my"], ["fo", "mzxq"], ["foo", "mzxw6"], ["foob", "mzxw6yq"], [
    "fooba",
    "mzxw6ytb",
  ], ["foobar", "mzxw6ytboi"]];
  for (const [text, expected] of cases) assert.equal(base32(new TextEncoder().encode(text)), expected);
});

Deno.test("base32() tells different bytes apart", () =>
  fc.assert(fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
    assert.equal(base32(a) === base32(b), a.join() === b.join());
    assert.match(base32(a), /^[a-z2-7]*$/);
  })));

Deno.test("the id of a host is the beginning of the hash of its key", () =>
  fc.assert(fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
    const id = hostIdOf(toBase64(key));
    assert.ok(base32(sha256(key)).startsWith(id.slice(0, 25)));
    assert.equal(id, base32(sha256(key).subarray(0, 16)));
    assert.ok(isHostId(id));
  })));

Deno.test("isHostId() takes 26 digits of base32 only", () => {
  const id = "abcdefghijklmnopqrstuvwxyz".slice(0, 24) + "27";
  assert.ok(isHostId(id));
  for (
    const other of [
      "",
      id.slice(1),
      id + "a",
      id.toUpperCase(),
      `${id}\n`,
      `1${id.slice(1)}`,
      `../${id.slice(3)}`,
    ]
  ) {
    assert.ok(!isHostId(other), other);
  }
});
