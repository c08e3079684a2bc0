import assert from "node:assert/strict";
import { parseSnapshotWord } from "../../src/model/snapshot_word.ts";
import { parseTime } from "../../src/model/time_word.ts";

const NOW = new Date("2026-03-31T12:30:00Z");

Deno.test("a snapshot is named by latest, an id or its beginning, or a time, each with so many steps back", () => {
  const cases: [text: string, wanted: object | undefined][] = [
    ["latest", { kind: "latest", back: 0 }],
    ["latest~2", { kind: "latest", back: 2 }],
    ["latest~", { kind: "latest", back: 1 }],
    ["20250102T030405Z-abcdefgh-5e0c9b1f", {
      kind: "id",
      beginning: "20250102T030405Z-abcdefgh-5e0c9b1f",
      back: 0,
    }],
    ["20250102T03", { kind: "id", beginning: "20250102T03", back: 0 }],
    ["20250102T030405Z-ab~1", { kind: "id", beginning: "20250102T030405Z-ab", back: 1 }],
    ["2025", { kind: "id", beginning: "2025", back: 0 }],
    ["2025-01-02", { kind: "before", time: new Date("2025-01-02T00:00:00Z"), back: 0 }],
    ["2025-01-02~3", { kind: "before", time: new Date("2025-01-02T00:00:00Z"), back: 3 }],
    ["", undefined],
    ["Latest", undefined],
    ["latest~x", undefined],
    ["2025-01-02T", undefined],
    ["../../etc", undefined],
    ["20250102T030405Z-ABCDEFGH", undefined],
  ];
  for (const [text, wanted] of cases) assert.deepEqual(parseSnapshotWord(text, NOW), wanted, text);
});

Deno.test("times are dates, instants with or without a zone, and spans of time ago", () => {
  const cases: [text: string, wanted: string | undefined][] = [
    ["2025-01-02", "2025-01-02T00:00:00.000Z"],
    ["2025-01-02 03:04", "2025-01-02T03:04:00.000Z"],
    ["2025-01-02T03:04:05Z", "2025-01-02T03:04:05.000Z"],
    ["2025-01-02T03:04:05+02:00", "2025-01-02T01:04:05.000Z"],
    ["today", "2026-03-31T00:00:00.000Z"],
    ["yesterday", "2026-03-30T00:00:00.000Z"],
    ["now", "2026-03-31T12:30:00.000Z"],
    ["90 minutes ago", "2026-03-31T11:00:00.000Z"],
    ["1 hour ago", "2026-03-31T11:30:00.000Z"],
    ["3 days ago", "2026-03-28T12:30:00.000Z"],
    ["2weeks ago", "2026-03-17T12:30:00.000Z"],
    ["1 month ago", "2026-02-28T12:30:00.000Z"],
    ["2 years ago", "2024-03-31T12:30:00.000Z"],
    ["2025-02-30", undefined],
    ["2025-13-01", undefined],
    ["2025-01-02 25:00", undefined],
    ["days ago", undefined],
    ["-1 days ago", undefined],
    ["3 fortnights ago", undefined],
  ];
  for (const [text, wanted] of cases) assert.equal(parseTime(text, NOW)?.toISOString(), wanted, text);
});
