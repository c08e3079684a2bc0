import assert from "node:assert/strict";
import { jsonLines, toJson } from "../../src/report/json.ts";

Deno.test("toJson() writes members as people write them there", () => {
  assert.equal(
    toJson({
      startedAt: "x",
      storedBytes: 1,
      deep: [{ changedWhileRead: 0 }],
      none: undefined,
      nothing: null,
    }),
    '{"started_at":"x","bytes_stored":1,"deep":[{"changed_while_read":0}],"nothing":null}',
  );
  assert.equal(toJson([]), "[]");
});

Deno.test("jsonLines() writes a line an event and progress once a second", () => {
  const lines: string[] = [];
  let nowMs = 0;
  const report = jsonLines((text) => lines.push(text), () => nowMs);
  const progress = {
    stage: "backup" as const,
    entriesDone: 1,
    entriesFound: 2,
    bytesDone: 3,
    bytesFound: 4,
    allKnown: false,
    bytesTransferred: 5,
    errors: 0,
  };
  for (nowMs = 0; nowMs < 2000; nowMs += 10) report({ kind: "progress", progress });
  report({ kind: "file-unreadable", path: "/a\nb", reason: "no right" });
  report({ kind: "retrying", what: "put", delayMs: 10, cause: new Error("reset") });
  assert.deepEqual(lines.map((line) => JSON.parse(line)), [
    ...[0, 1].map(() => ({
      event: "progress",
      stage: "backup",
      entries_done: 1,
      entries_found: 2,
      bytes_done: 3,
      bytes_found: 4,
      all_known: false,
      bytes_transferred: 5,
      errors: 0,
    })),
    { event: "file-unreadable", path: "/a\nb", reason: "no right" },
    { event: "retrying", what: "put", delay_ms: 10, cause: "reset" },
  ]);
  for (const line of lines) assert.match(line, /^[^\n]*\n$/);
});

Deno.test("toJson() writes nothing that a terminal obeys, and means the same", () => {
  const text = "\x1b[2J \x7f \x9b31m \u202e \u2066 é 漢";
  const json = toJson({ text });
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(json, /[\x00-\x1f\x7f-\x9f\u202e\u2066]/);
  assert.deepEqual(JSON.parse(json), { text });
});
