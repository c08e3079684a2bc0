import assert from "node:assert/strict";
import fc from "fast-check";
import {
  formatCount,
  formatDuration,
  formatSize,
  parseDuration,
  parsePercent,
  parseSize,
} from "../../src/base/units.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

Deno.test("parsePercent() reads more than nothing and at most all", () => {
  const table: [string, number | undefined][] = [
    ["5%", 0.05],
    [" 0.5 % ", 0.005],
    ["100%", 1],
    ["0%", undefined],
    ["101%", undefined],
    ["5", undefined],
    ["%", undefined],
    ["-5%", undefined],
  ];
  for (const [text, expected] of table) assert.equal(parsePercent(text), expected, text);
});

Deno.test("parseSize() reads decimal, binary and plain bytes", () => {
  const table: [string, number][] = [
    ["0", 0],
    ["1", 1],
    ["4096", 4096],
    ["10B", 10],
    ["10MB", 10_000_000],
    ["10mb", 10_000_000],
    ["10M", 10_000_000],
    ["64MiB", 64 * 2 ** 20],
    ["64mib", 64 * 2 ** 20],
    ["64Mi", 64 * 2 ** 20],
    ["1 GiB", 2 ** 30],
    [" 1 GiB ", 2 ** 30],
    ["1.5GiB", 1.5 * 2 ** 30],
    ["0.5KiB", 512],
    ["4.35MB", 4_350_000],
    ["1.1KiB", 1126],
    ["1kB", 1000],
    ["2TB", 2e12],
    ["1PiB", 2 ** 50],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
  ];
  for (const [text, bytes] of table) assert.equal(parseSize(text), bytes, text);
});

Deno.test("parseSize() refuses what is no whole number of bytes", () => {
  const table = [
    "",
    " ",
    "MB",
    "-1",
    "+1",
    "1e3",
    "0x10",
    "1,5MB",
    "1.MB",
    ".5MB",
    "1 2MB",
    "1  MB",
    "10XB",
    "1.5",
    "0.3B",
    "9007199254740992",
    "9PiB5",
    "100000PB",
    "1MB\n2",
  ];
  for (const text of table) assert.equal(parseSize(text), undefined, text);
});

Deno.test("parseDuration() reads the usual and the Go notation", () => {
  const table: [string, number][] = [
    ["0", 0],
    ["0s", 0],
    ["500ms", 500],
    ["90s", 90_000],
    ["15m", 15 * MINUTE],
    ["1h30m", 90 * MINUTE],
    ["1h 30m", 90 * MINUTE],
    ["1h0m0s", HOUR],
    ["24h0m0s", DAY],
    ["1.5h", 90 * MINUTE],
    ["1d", DAY],
    ["2w", 14 * DAY],
    ["1y", 365 * DAY],
    ["1m500ms", MINUTE + 500],
  ];
  for (const [text, ms] of table) assert.equal(parseDuration(text), ms, text);
});

Deno.test("parseDuration() refuses numbers without a unit and unknown units", () => {
  const table = [
    "",
    "90",
    "h",
    "-1h",
    "1 h",
    "1H",
    "1M",
    "1h30",
    "1mo",
    "1h-30m",
    "1hour",
    "1e3s",
    "999999999y",
  ];
  for (const text of table) assert.equal(parseDuration(text), undefined, text);
});

Deno.test("formatSize() changes the unit at 1024, also where rounding gets there", () => {
  const table: [number, string][] = [
    [0, "0 B"],
    [1, "1 B"],
    [1023, "1023 B"],
    [1024, "1 KiB"],
    [1025, "1 KiB"],
    [1536, "1.5 KiB"],
    [10 * 1024 + 51, "10 KiB"],
    [100 * 1024, "100 KiB"],
    [2 ** 20 - 1, "1 MiB"],
    [2 ** 20, "1 MiB"],
    [64 * 2 ** 20, "64 MiB"],
    [1228 * 2 ** 20, "1.2 GiB"],
    [2 ** 50, "1 PiB"],
    [2000 * 2 ** 50, "2000 PiB"],
  ];
  for (const [bytes, text] of table) assert.equal(formatSize(bytes), text, String(bytes));
});

Deno.test("formatDuration() gives the two largest units", () => {
  const table: [number, string][] = [
    [0, "0ms"],
    [999, "999ms"],
    [1000, "1s"],
    [12_345, "12.3s"],
    [59_949, "59.9s"],
    [59_950, "1m"],
    [MINUTE, "1m"],
    [5 * MINUTE + 12_000, "5m12s"],
    [HOUR - 1, "1h"],
    [HOUR, "1h"],
    [90 * MINUTE, "1h30m"],
    [DAY - 1, "1d"],
    [DAY, "1d"],
    [DAY + 2 * HOUR, "1d2h"],
    [365 * DAY, "365d"],
  ];
  for (const [ms, text] of table) assert.equal(formatDuration(ms), text, String(ms));
});

Deno.test("parseSize() and parseDuration() read what the formatters print, to three digits", () => {
  fc.assert(fc.property(fc.integer({ min: 1000, max: 2 ** 52 }), (value) => {
    for (const back of [parseSize(formatSize(value)), parseDuration(formatDuration(value))]) {
      if (back !== undefined) assert.ok(Math.abs(back - value) <= value * 0.05, `${value} ${back}`);
    }
    assert.notEqual(parseDuration(formatDuration(value)), undefined);
  }));
});

Deno.test("formatCount() groups by thousands", () => {
  const table: [number, string][] = [[0, "0"], [999, "999"], [1000, "1,000"], [1234567, "1,234,567"]];
  for (const [count, text] of table) assert.equal(formatCount(count), text);
});
