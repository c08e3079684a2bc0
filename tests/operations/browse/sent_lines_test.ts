import assert from "node:assert/strict";
import fc from "fast-check";
import type { SearchedPage } from "../../../src/operations/browse/search_frames.ts";
import { KnownLines, LineNumbers } from "../../../src/operations/browse/sent_lines.ts";

Deno.test("what arrives is what was sent, and no line is sent twice", () => {
  const line = fc.nat(30).map((number) => `line ${number}`);
  const page: fc.Arbitrary<SearchedPage> = fc.oneof(
    fc.record({ head: line, lines: fc.array(line) }, { noNullPrototype: true }),
    fc.record({ fault: line }, { noNullPrototype: true }),
  );
  fc.assert(fc.property(fc.array(fc.array(page)), (messages) => {
    const [numbers, known] = [new LineNumbers(), new KnownLines()];
    const lines: string[] = [];
    for (const pages of messages) {
      const sent = numbers.sent(pages);
      for (const line of sent.lines) lines.push(line);
      assert.deepEqual(known.received(sent), pages);
    }
    assert.equal(new Set(lines).size, lines.length);
  }));
});

Deno.test("very many lines arrive too, and not all of them are remembered", () => {
  const [numbers, known] = [new LineNumbers(), new KnownLines()];
  for (let message = 0; message < 60; message++) {
    const pages = [{ head: "", lines: Array.from({ length: 1000 }, (_, i) => `${message} ${i}`) }];
    const sent = numbers.sent(pages);
    assert.ok(sent.first <= 20_000, `${sent.first}`);
    assert.deepEqual(known.received(sent), pages);
  }
});
