import assert from "node:assert/strict";
import fc from "fast-check";
import { isPortable } from "../../src/platform/libc.ts";
import { SearchedBytes } from "../../src/platform/searched_bytes.ts";

const encoder = new TextEncoder();
const text = fc.string({ unit: fc.constantFrom("a", "b", "\n", "\\"), maxLength: 40 });

Deno.test({
  name: "bytes are searched as the string of them is, from any place",
  ignore: isPortable,
  fn() {
    fc.assert(
      fc.property(text, text.filter((needle) => needle !== ""), fc.nat(45), (text, needle, at) => {
        const bytes = SearchedBytes.of(encoder.encode(`before${text}`).subarray("before".length))!;
        assert.equal(bytes.indexOf(needle, at), text.indexOf(needle, at));
        assert.equal(bytes.indexOf(needle), text.indexOf(needle));
        assert.equal(bytes.startsWith(needle, at), text.startsWith(needle, at));
        assert.equal(bytes.slice(1, at), text.slice(1, at));
        if (at < text.length) assert.equal(bytes.lastIndexOf("\n", at), text.lastIndexOf("\n", at));
        assert.equal(bytes.indexOf(needle, Infinity), -1);
      }),
    );
  },
});

Deno.test({
  name: "places in bytes are counted in bytes, and what is between two is text",
  ignore: isPortable,
  fn() {
    const bytes = SearchedBytes.of(encoder.encode("é/ü.conf"))!;
    assert.equal(bytes.indexOf("ü"), 3);
    assert.equal(bytes.slice(3, 5), "ü");
  },
});
