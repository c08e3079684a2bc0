import assert from "node:assert/strict";
import fc from "fast-check";
import { atLeast } from "../../src/base/at_least.ts";
import { CorruptionError } from "../../src/base/errors.ts";
import { encodePage } from "../../src/model/page.ts";
import { pathOf } from "../../src/model/path.ts";
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

Deno.test("a page is read to its end, however long its lines are, in any script", () => {
  const lengths = fc.array(fc.constantFrom(1, 5_000, 32_000, 70_000), { maxLength: 6 });
  fc.assert(
    fc.property(entry, lengths, fc.constantFrom("a", "é", "日"), (some, lengths, letter) => {
      const entries = lengths.map((length) => ({ ...some, path: `/${pathOf(letter.repeat(length))}` }));
      assert.deepEqual([...pageOf(encodePage(entries)).entries()], entries);
    }),
    { numRuns: 30 },
  );
});

Deno.test("a page without the end of its last line, or with more entries than any has, is refused", () => {
  const text = encodePage([]);
  assert.throws(() => pageOf(text.slice(0, -1)), CorruptionError);
  assert.equal([...pageOf(text + "{}\n".repeat(8192)).entries()].length, 8192);
  assert.throws(() => [...pageOf(text + "{}\n".repeat(8193)).entries()], CorruptionError);
});
