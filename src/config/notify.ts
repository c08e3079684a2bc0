import type { Settings } from "./schema.ts";
import type { Secret } from "./secret.ts";

/** Who gets a notice of each run. Addresses are secrets: who knows one can say that a backup was made. */
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

export function notifyConfig(given: NonNullable<Settings["notify"]>): NotifyConfig {
  return {
    healthchecks: given.healthchecks,
    uptimeKuma: given.uptime_kuma,
    ntfy: given.ntfy,
    ntfyToken: given.ntfy_token,
    webhook: given.webhook,
    mailTo: given.mail,
    sendmail: given.sendmail,
    always: given.on === "always",
    details: given.details,
    timeoutMs: given.timeout,
  };
}
