import assert from "node:assert/strict";
import type { Event, Progress } from "../../src/report/events.ts";
import { printable } from "../../src/report/printable.ts";
import { type TextOptions, TextReport } from "../../src/report/text.ts";

const PROGRESS: Progress = {
  stage: "backup",
  entriesDone: 10_000,
  entriesFound: 104_000,
  bytesDone: 512 * 2 ** 20,
  bytesFound: 3 * 2 ** 30,
  allKnown: true,
  bytesTransferred: 2 ** 20,
  errors: 1,
};

class Screen {
  out = "";
  err = "";
  nowMs = 0;

  constructor(readonly progress: "drawn" | "lines" | "none", public width = 200) {}

  report(options: Partial<TextOptions> = {}): TextReport {
    return new TextReport({
      out: (text) => void (this.out += text),
      err: (text) => void (this.err += text),
      progress: this.progress,
      columns: () => this.width,
      nowMs: () => this.nowMs,
    }, { quiet: false, verbose: false, ...options });
  }
}

const EVENTS: Event[] = [
  { kind: "progress", progress: PROGRESS },
  { kind: "note", text: "hello" },
  { kind: "entry-skipped", path: "/run/socket", reason: "a socket" },
  { kind: "file-changed", path: "/var/log/x" },
  { kind: "retrying", what: "write blobs/x", delayMs: 100, cause: new Error("reset") },
  { kind: "retrying", what: "write blobs/y", delayMs: 9000, cause: new Error("reset") },
  { kind: "metadata-not-set", what: "owners", path: "/a", reason: "not root" },
  { kind: "file-unreadable", path: "/b", reason: "input/output error" },
  { kind: "file-damaged", path: "/c", reason: "blob is missing" },
  { kind: "file-damaged", path: "/d", reason: "blob is missing" },
  { kind: "warning", text: "careful" },
];

Deno.test("TextReport prints a line an event to stderr where there is no terminal", () => {
  const screen = new Screen("lines");
  const text = screen.report();
  EVENTS.forEach(text.report);
  text.say("done");
  text.close();
  assert.equal(screen.out, "done\n");
  assert.deepEqual(screen.err.split("\n"), [
    "note: hello",
    "note: left out /run/socket: a socket",
    "note: /var/log/x kept changing while it was read; it is marked in the snapshot",
    "note: trying again in 9s to write blobs/y: reset",
    "warning: could not set owners, first at /a: not root",
    "ERROR: could not read /b: input/output error",
    "ERROR: damaged: /c: blob is missing",
    "ERROR: damaged: /d: as /c",
    "warning: careful",
    "",
  ]);
});

Deno.test("TextReport for cron prints nothing but what is wrong, and files once, in the list at the end", () => {
  const screen = new Screen("drawn");
  const text = screen.report({ quiet: true });
  EVENTS.forEach(text.report);
  text.say("done");
  text.warnList(
    "INCOMPLETE: x",
    Array.from({ length: 30 }, (_, i) => ({ path: `/f${i}`, reason: "no right" })),
  );
  text.close();
  assert.equal(screen.out, "");
  const lines = screen.err.trimEnd().split("\n");
  assert.deepEqual(lines.slice(0, 5), [
    "warning: could not set owners, first at /a: not root",
    "warning: careful",
    "INCOMPLETE: x:",
    "  no right:",
    "    /f0",
  ]);
  assert.equal(lines.length, 4 + 30);
});

Deno.test("TextReport lists again only the first files that it has printed already", () => {
  const screen = new Screen("lines");
  screen.report().warnList(
    "INCOMPLETE: x",
    Array.from({ length: 30 }, (_, i) => ({ path: `/f${i}`, reason: "r" })),
  );
  assert.equal(screen.err.trimEnd().split("\n").at(-1), "  … and 10 more, see above");
});

Deno.test("TextReport redraws the progress line ten times a second at most and clears it", () => {
  const screen = new Screen("drawn", 40);
  const text = screen.report();
  for (let ms = 0; ms < 1000; ms++) {
    screen.nowMs = ms;
    text.report({ kind: "progress", progress: { ...PROGRESS, bytesDone: PROGRESS.bytesDone + ms * 1000 } });
  }
  const drawings = screen.err.split("\r\x1b[K").slice(1);
  assert.equal(drawings.length, 10);
  for (const drawing of drawings) assert.ok(drawing.length <= 39, drawing);
  text.report({ kind: "warning", text: "careful" });
  assert.ok(screen.err.endsWith("\r\x1b[Kwarning: careful\n"));
  text.report({ kind: "progress", progress: PROGRESS });
  text.close();
  assert.ok(screen.err.endsWith("\r\x1b[K"));
  const before = screen.err;
  text.close();
  assert.equal(screen.err, before);
});

Deno.test("TextReport clears all lines that a progress line became when the terminal was made narrower", () => {
  const screen = new Screen("drawn", 100);
  const text = screen.report();
  text.report({ kind: "progress", progress: { ...PROGRESS, path: "/home/" + "long/".repeat(30) } });
  assert.equal(screen.err.replace("\r\x1b[K", "").length, 99);
  screen.width = 40;
  text.close();
  assert.ok(screen.err.endsWith("\r\x1b[2A\x1b[J"), JSON.stringify(screen.err));
});

Deno.test("TextReport prints a line of progress every 30 seconds where there is no terminal, and the first after 30", () => {
  const screen = new Screen("lines");
  const text = screen.report();
  for (let second = 0; second <= 100; second++) {
    screen.nowMs = 5_000 + second * 1000;
    text.report({ kind: "progress", progress: { ...PROGRESS, bytesDone: second * 10_000_000 } });
  }
  const lines = screen.err.trimEnd().split("\n");
  assert.equal(lines.length, 3);
  assert.match(
    lines[0]!,
    /^Backing up \d+% {2}\d+m\d*s? left {2}1 error {2}286 MiB of 3 GiB {2}1 MiB sent {2}9.54 MiB\/s {2}10,000 of/,
  );
  const none = new Screen("none");
  none.report().report({ kind: "progress", progress: PROGRESS });
  assert.equal(none.err, "");
});

Deno.test("printable() leaves nothing that a terminal would obey", () => {
  const table: [string, string][] = [
    ["/home/ä/日本", "/home/ä/日本"],
    ["a\x1b[2Jb", "a\\x1b[2Jb"],
    ["a\nb\tc\r", "a\\x0ab\\x09c\\x0d"],
    ["\x9b1m", "\\x9b1m"],
    ["\u202Egnp.exe", "\\u{202e}gnp.exe"],
    ["\uDC80", "\\u{dc80}"],
  ];
  for (const [text, expected] of table) assert.equal(printable(text), expected);
});
