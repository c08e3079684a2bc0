import { durationMs, type RunOutcome, statusOf } from "./outcome.ts";
import { linesOf, titleOf } from "./outcome_text.ts";
import { webhookJson } from "./webhook.ts";

// What is sent where: pure, so that every word of a protocol is in a test.

/** One HTTP request. */
export interface HttpMessage {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Where notices go; what is absent gets none. */
export interface Channels {
  /** Ping URL of a check, healthchecks.io or one's own. */
  readonly healthchecks?: string;
  /** Push URL of a monitor. */
  readonly uptimeKuma?: string;
  /** URL of a topic. */
  readonly ntfy?: string;
  readonly ntfyToken?: string;
  readonly webhook?: string;
}

export interface MessageOptions {
  /** Also messages of errors, in which paths may be. */
  readonly details: boolean;
  /** Tell people (ntfy, mail) of runs without any problem too. */
  readonly always: boolean;
}

/** Healthchecks takes a body of 100 kB; more is cut off here rather than there. */
const BODY_MAX = 90_000;

/** By the name of its channel, what is sent when a run begins. */
export function startMessages({ healthchecks }: Channels): [channel: string, message: HttpMessage][] {
  if (healthchecks === undefined) return [];
  return [["healthchecks", { url: below(healthchecks, "start"), method: "POST" }]];
}

/** By the name of its channel, what is sent when a run has ended. */
export function endMessages(
  channels: Channels,
  outcome: RunOutcome,
  options: MessageOptions,
): [channel: string, message: HttpMessage][] {
  const { healthchecks, uptimeKuma, ntfy, webhook } = channels;
  const messages: [string, HttpMessage | undefined][] = [
    ["healthchecks", healthchecks && toHealthchecks(healthchecks, outcome, options)],
    ["uptime_kuma", uptimeKuma && toUptimeKuma(uptimeKuma, outcome)],
    ["ntfy", ntfy && toNtfy(ntfy, channels.ntfyToken, outcome, options)],
    ["webhook", webhook && toWebhook(webhook, outcome, options)],
  ].map(([name, message]) => [name as string, (message || undefined) as HttpMessage | undefined]);
  return messages.filter((entry): entry is [string, HttpMessage] => entry[1] !== undefined);
}

/** Whether people are to hear of it. */
export function isReported(outcome: RunOutcome, { always }: MessageOptions): boolean {
  return always || statusOf(outcome) !== "success";
}

function toHealthchecks(url: string, outcome: RunOutcome, { details }: MessageOptions): HttpMessage {
  const isGood = statusOf(outcome) === "success";
  const body = [titleOf(outcome), ...linesOf(outcome, details)].join("\n").slice(0, BODY_MAX);
  return { url: isGood ? below(url) : below(url, "fail"), method: "POST", body };
}

function toUptimeKuma(url: string, outcome: RunOutcome): HttpMessage {
  const push = new URL(url);
  push.searchParams.set("status", statusOf(outcome) === "success" ? "up" : "down");
  push.searchParams.set("msg", titleOf(outcome));
  push.searchParams.set("ping", String(durationMs(outcome)));
  return { url: push.href, method: "GET" };
}

/** Priority and tag of a notice at ntfy. */
const NTFY = {
  success: ["2", "white_check_mark"],
  warning: ["4", "warning"],
  failure: ["5", "rotating_light"],
} as const;

function toNtfy(
  url: string,
  token: string | undefined,
  outcome: RunOutcome,
  options: MessageOptions,
): HttpMessage | undefined {
  if (!isReported(outcome, options)) return undefined;
  const [priority, tags] = NTFY[statusOf(outcome)];
  return {
    url,
    method: "POST",
    headers: {
      title: titleOf(outcome),
      priority,
      tags,
      ...token === undefined ? {} : { authorization: `Bearer ${token}` },
    },
    body: linesOf(outcome, options.details).join("\n"),
  };
}

function toWebhook(url: string, outcome: RunOutcome, { details }: MessageOptions): HttpMessage {
  const headers = { "content-type": "application/json" };
  return { url, method: "POST", headers, body: webhookJson(outcome, details) };
}

/** `url` with one more part of its path, whatever its end and its query are. */
function below(url: string, part?: string): string {
  const at = new URL(url);
  at.pathname = at.pathname.replace(/\/+$/, "") + (part === undefined ? "" : `/${part}`);
  return at.href;
}
