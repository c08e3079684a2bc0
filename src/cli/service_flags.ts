import { UsageError } from "../base/errors.ts";
import { flag, type GlobalOptions } from "./command.ts";

/** Which service is meant. */
export interface ServiceFlags extends GlobalOptions {
  readonly systemd?: boolean;
  readonly launchd?: boolean;
  readonly cron?: boolean;
  readonly user?: boolean;
}

export const SERVICE_FLAGS = () => [
  flag("--systemd", "a unit of systemd (the default on Linux)"),
  flag("--launchd", "a job of launchd (the default on macOS)"),
  flag("--cron", "a line for cron, without a daemon; only printed"),
  flag("--user", "a service of this user, not of the system (the default for users other than root)"),
];

type Kind = "systemd" | "launchd" | "cron";

/** The service that is asked for, or that of this system. Throws `UsageError` where two are asked for. */
export function serviceKind(flags: ServiceFlags): Kind {
  const kinds = (["systemd", "launchd", "cron"] as const).filter((kind) => flags[kind]);
  if (kinds.length > 1) {
    throw new UsageError(`Cannot use --${kinds[0]} together with --${kinds[1]}: leave one out`);
  }
  return kinds[0] ?? (Deno.build.os === "darwin" ? "launchd" : "systemd");
}
