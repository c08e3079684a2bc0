import assert from "node:assert/strict";
import { logText } from "../../src/report/log_text.ts";
import { TextReport } from "../../src/report/text.ts";

const AT = new Date("2026-01-01T00:00:00Z");

Deno.test("logText() is the text, a line of JSON, or lines with the priorities that journald reads", () => {
  assert.equal(logText("text", "error", "one\ntwo", AT), "one\ntwo\n");
  assert.equal(logText("journal", "error", "one\ntwo", AT), "<3>one\n<3>two\n");
  assert.equal(logText("journal", "warning", "one", AT), "<4>one\n");
  assert.equal(logText("journal", "note", "one", AT), "<5>one\n");
  assert.equal(logText("journal", "info", "one", AT), "<6>one\n");
  const line = logText("json", "warning", 'one\n"two" \u202e', AT);
  assert.equal(line.indexOf("\n"), line.length - 1);
  assert.doesNotMatch(line, /\u202e/);
  assert.deepEqual(JSON.parse(line), {
    time: "2026-01-01T00:00:00.000Z",
    level: "warning",
    message: 'one\n"two" \u202e',
  });
});

Deno.test("each message has the level of what it is about", () => {
  const lines: string[] = [];
  const report = new TextReport({
    out: (text) => void lines.push(text),
    err: (text) => void lines.push(text),
    progress: "none",
    columns: () => 80,
    nowMs: () => 0,
    logged: (level, text) => `${level}: ${text.split(" ")[0]}\n`,
  }, { quiet: false, verbose: false });
  report.say("done");
  report.report({ kind: "note", text: "x" });
  report.report({ kind: "warning", text: "x" });
  report.report({ kind: "file-unreadable", path: "/a", reason: "x" });
  report.report({ kind: "file-changed", path: "/a" });
  report.report({ kind: "metadata-not-set", what: "owner", path: "/a", reason: "x" });
  report.warnList("INCOMPLETE", [{ path: "/a", reason: "x" }]);
  report.fail("vaultik: Cannot\n  caused by: x\n");
  assert.deepEqual(lines.map((line) => line.trim()), [
    "info: done",
    "note: note:",
    "warning: warning:",
    "error: ERROR:",
    "note: note:",
    "warning: warning:",
    "warning: INCOMPLETE:",
    "warning:",
    "error: vaultik:",
  ]);
});
