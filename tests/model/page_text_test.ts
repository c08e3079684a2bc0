import assert from "node:assert/strict";
import fc from "fast-check";
import { atLeast } from "../../src/base/at_least.ts";
import { CorruptionError } from "../../src/base/errors.ts";
import { encodePage } from "../../src/model/page.ts";
import { PageText } from "../../src/model/page_text.ts";
import { entry } from "./arbitraries.ts";

const pageOf = (text: string) => new PageText(new TextEncoder().encode(text));

Deno.test("a page gives its entries one by one", () => {
  fc.assert(fc.property(fc.array(entry, { maxLength: 8 }), (entries) => {
    assert.deepEqual([...pageOf(encodePage(entries)).entries()], entries);
  }));
});

Deno.test("a line that is no JSON costs itself only", () => {
  fc.assert(fc.property(entry, entry, (one, other) => {
    const [head, first, second] = atLeast(3, encodePage([one, other]).split("\n"));
    const found = [...pageOf([head, first, first.slice(0, -1), second, ""].join("\n")).entries()];
    assert.ok(found[1] instanceof CorruptionError);
    assert.deepEqual([found[0], found[2]], [one, other]);
  }));
});

Deno.test("a page without its last line, or with more of them than any has, is refused whole", () => {
  const text = encodePage([]);
  assert.throws(() => pageOf(text.slice(0, -1)), CorruptionError);
  assert.throws(() => pageOf(text + "{}\n".repeat(8193)), CorruptionError);
});
