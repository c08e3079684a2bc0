import assert from "node:assert/strict";
import fc from "fast-check";
import { cutMiddle, displayWidth, rowsOf } from "../../src/report/width.ts";

Deno.test("displayWidth() counts the columns that a terminal uses", () => {
  const table: [string, number][] = [["", 0], ["abc", 3], ["äöü", 3], ["a\u0308", 1], ["日本", 4], [
    "한글",
    4,
  ], [
    "🎉",
    2,
  ], ["…", 1]];
  for (const [text, expected] of table) assert.equal(displayWidth(text), expected, text);
});

Deno.test("rowsOf() counts rows as a terminal wraps", () => {
  const table: [string, number, number][] = [
    ["", 5, 1],
    ["abcde", 5, 1],
    ["abcdef", 5, 2],
    ["日本語", 5, 2],
    [
      "日本語日本語",
      5,
      3,
    ],
    ["日本語日本語", 4, 3],
  ];
  for (const [text, columns, expected] of table) assert.equal(rowsOf(text, columns), expected, text);
});

Deno.test("cutMiddle() leaves out the middle and keeps the end of the name", () => {
  const table: [string, number, string][] = [
    ["/home/me/file.txt", 17, "/home/me/file.txt"],
    ["/home/me/file.txt", 12, "/ho…file.txt"],
    ["/写真/日本語の名前.jpg", 13, "/写…名前.jpg"],
    ["abc", 1, "…"],
    ["abc", 0, ""],
  ];
  for (const [text, columns, expected] of table) assert.equal(cutMiddle(text, columns), expected);
});

Deno.test("cutMiddle() never takes more columns than there are, and nearly all of them", () => {
  const text = fc.string({ unit: "grapheme" });
  fc.assert(fc.property(text, fc.nat(60), (text, columns) => {
    const width = displayWidth(cutMiddle(text, columns));
    assert.ok(width <= columns);
    if (displayWidth(text) > columns) assert.ok(width >= columns - 3, `${width} of ${columns}`);
  }));
});
