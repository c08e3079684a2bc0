import type { Section } from "./section.ts";
import { Secret } from "./secret.ts";

const URL_KEYS = ["healthchecks", "uptime_kuma", "ntfy", "webhook"] as const;
const KEYS = [...URL_KEYS, "ntfy_token", "mail", "sendmail", "on", "details", "timeout"];

/** Who is told of each run. Addresses are secrets: who knows one can say that a backup was made. */
export interface NotifyConfig {
  readonly healthchecks?: Secret;
  readonly uptimeKuma?: Secret;
  readonly ntfy?: Secret;
  readonly ntfyToken?: Secret;
  readonly webhook?: Secret;
  readonly mailTo: readonly string[];
  readonly sendmail: string;
  /** Tell people of runs without a problem too. */
  readonly always: boolean;
  /** Also messages of errors, in which paths may be. */
  readonly details: boolean;
  readonly timeoutMs: number;
}

/** The section `notify`; `undefined` where there is none. */
export function notify(top: Section): NotifyConfig | undefined {
  if (!top.has("notify")) return undefined;
  const section = top.section("notify", KEYS);
  const [healthchecks, uptimeKuma, ntfy, webhook] = URL_KEYS.map((key) => address(section, key));
  return {
    healthchecks,
    uptimeKuma,
    ntfy,
    ntfyToken: section.secret("ntfy_token"),
    webhook,
    mailTo: section.texts("mail", "an address").map((to) => mailAddress(section, to)),
    sendmail: program(section),
    always: section.choice("on", ["problems", "always"]) === "always",
    details: section.flag("details", false),
    timeoutMs: section.duration("timeout", "10s", { min: 1000, max: 60_000 }),
  };
}

function address(section: Section, key: string): Secret | undefined {
  const url = section.secret(key);
  if (url === undefined || /^https?:\/\/[^/]/.test(url.reveal()) && URL.canParse(url.reveal())) return url;
  throw section.problem(`${section.pathOf(key)} is no address; allowed is https://HOST/PATH`);
}

function mailAddress(section: Section, to: string): string {
  if (/^[\w.+%-]+(@[\w.-]+)?$/.test(to) && !to.startsWith("-")) return to;
  throw section.problem(`${section.pathOf("mail")} has ${JSON.stringify(to)}; allowed is user@host`);
}

function program(section: Section): string {
  const path = section.text("sendmail", "an absolute path") ?? "/usr/sbin/sendmail";
  if (path.startsWith("/")) return path;
  throw section.refusal("sendmail", "an absolute path");
}
