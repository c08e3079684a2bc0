import assert from "node:assert/strict";
import { atLeast } from "../../src/base/at_least.ts";
import { endMessages, type MessageOptions, startMessages } from "../../src/notices/messages.ts";
import { type RunOutcome, statusOf } from "../../src/notices/outcome.ts";
import { mailText } from "../../src/notices/send.ts";
import { FAILED, GOOD, outcome, SUSPICIOUS } from "./outcomes.ts";

const QUIET: MessageOptions = { details: false, always: false };
const CHANNELS = {
  healthchecks: "https://hc-ping.com/uuid/",
  uptimeKuma: "https://kuma.example.com/api/push/token?status=up&msg=OK&ping=",
  ntfy: "https://ntfy.sh/topic",
  webhook: "https://hooks.example.com/x?y=z",
};

function sent(run: RunOutcome, options = QUIET) {
  return new Map(endMessages(CHANNELS, run, options));
}

Deno.test("the worst source set decides what a run is", () => {
  assert.equal(statusOf(outcome(GOOD)), "success");
  assert.equal(statusOf(outcome(GOOD, SUSPICIOUS)), "warning");
  assert.equal(statusOf(outcome(FAILED, GOOD)), "failure");
  assert.equal(statusOf(outcome()), "failure");
});

Deno.test("Healthchecks gets the start, and the end at another address where anything is wrong", () => {
  assert.deepEqual(startMessages(CHANNELS), [[
    "healthchecks",
    { url: "https://hc-ping.com/uuid/start", method: "POST" },
  ]]);
  assert.deepEqual(startMessages({ webhook: "https://x" }), []);
  const good = sent(outcome(GOOD)).get("healthchecks")!;
  assert.equal(good.url, "https://hc-ping.com/uuid");
  assert.equal(
    good.body,
    "web1: backup done\nhome: success; 20260101T000000Z-abcdefgh-5e0c9b1f; 100 files, 4 KiB; 512 B sent in 5.5s",
  );
  for (const set of [SUSPICIOUS, FAILED]) {
    assert.equal(sent(outcome(GOOD, set)).get("healthchecks")!.url, "https://hc-ping.com/uuid/fail");
  }
  const query = endMessages(
    { healthchecks: "https://hc.example.com/ping/key/slug?create=1" },
    outcome(FAILED),
    QUIET,
  );
  assert.equal(query[0]![1].url, "https://hc.example.com/ping/key/slug/fail?create=1");
});

Deno.test("Uptime Kuma's address is filled in", () => {
  const { url, method } = sent(outcome(SUSPICIOUS)).get("uptime_kuma")!;
  assert.equal(method, "GET");
  const { searchParams } = new URL(url);
  assert.deepEqual([...searchParams], [["status", "down"], ["msg", "web1: backup has warnings"], [
    "ping",
    "6000",
  ]]);
  assert.match(sent(outcome(GOOD)).get("uptime_kuma")!.url, /status=up/);
});

Deno.test("ntfy tells people of problems, and of all with on: always", () => {
  assert.equal(sent(outcome(GOOD)).get("ntfy"), undefined);
  assert.equal(sent(outcome(GOOD), { ...QUIET, always: true }).get("ntfy")!.headers!.priority, "2");
  const { headers, body } = sent(outcome(FAILED)).get("ntfy")!;
  assert.deepEqual(headers, { title: "web1: backup failed", priority: "5", tags: "rotating_light" });
  assert.equal(body, "etc: failure");
  const [[, { headers: withToken }]] = atLeast(
    1,
    endMessages(
      { ntfy: "https://n/t", ntfyToken: "tk" },
      outcome(FAILED),
      QUIET,
    ),
  );
  assert.equal(withToken!.authorization, "Bearer tk");
});

Deno.test("a webhook gets the documented JSON", () => {
  const { url, headers, body } = sent(outcome(GOOD, FAILED)).get("webhook")!;
  assert.equal(url, "https://hooks.example.com/x?y=z");
  assert.deepEqual(headers, { "content-type": "application/json" });
  const documented = /```json\n([\s\S]*?)```/.exec(Deno.readTextFileSync("docs/notices.md"))![1]!;
  assert.deepEqual(JSON.parse(body!), JSON.parse(documented));
});

Deno.test("without details no message has a path in it, with details each has", () => {
  const run = outcome(SUSPICIOUS, FAILED);
  const texts = (details: boolean) =>
    endMessages(CHANNELS, run, { details, always: true }).map(([, message]) => JSON.stringify(message));
  for (const text of texts(false)) assert.doesNotMatch(text, /secret/);
  for (const text of texts(true).filter((text) => !text.includes("kuma"))) assert.match(text, /secret/);
});

Deno.test("a mail has the head that keeps answering machines silent", () => {
  const text = mailText({ to: ["a@x", "b@x"], subject: "S", text: "line" }, new Date("2026-01-01T00:00:06Z"));
  assert.equal(
    text,
    "To: a@x, b@x\nSubject: S\nDate: Thu, 01 Jan 2026 00:00:06 +0000\nAuto-Submitted: auto-generated\n" +
      "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\nline\n",
  );
});
