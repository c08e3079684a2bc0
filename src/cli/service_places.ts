import { UsageError } from "../base/errors.ts";
import type { ServiceOptions } from "../daemon/service/service.ts";
import { effectiveUser } from "../platform/owners.ts";
import type { Io } from "./io.ts";

/** Where units of systemd are. */
export function unitDirectory({ isOfUser }: ServiceOptions, io: Io): string {
  if (!isOfUser) return "/etc/systemd/system";
  return `${io.env("XDG_CONFIG_HOME") ?? `${home(io)}/.config`}/systemd/user`;
}

/** Where jobs of launchd are, in which domain, and their log. */
export function launchdPlace({ isOfUser }: ServiceOptions, io: Io) {
  return isOfUser
    ? {
      directory: `${home(io)}/Library/LaunchAgents`,
      domain: `gui/${effectiveUser()}`,
      logPath: `${home(io)}/Library/Logs/vaultik.log`,
    }
    : { directory: "/Library/LaunchDaemons", domain: "system", logPath: "/var/log/vaultik.log" };
}

function home(io: Io): string {
  const home = io.env("HOME");
  if (home === undefined) {
    throw new UsageError("Cannot tell where services of this user are: HOME is not set");
  }
  return home;
}
