import { LABEL, launchdPlist } from "./launchd.ts";
import type { ServiceOptions, ServicePlan } from "./service.ts";

/** `directory` is `/Library/LaunchDaemons`, or a user's `LaunchAgents`; `domain` is `system` or `gui/<uid>`. */
export function launchdInstall(
  options: ServiceOptions,
  at: { readonly directory: string; readonly domain: string; readonly logPath: string },
): ServicePlan {
  const path = `${at.directory}/${LABEL}.plist`;
  return {
    before: [],
    path,
    text: launchdPlist(options, at.logPath),
    after: [["launchctl", "bootstrap", at.domain, path]],
  };
}

export function launchdUninstall(at: { readonly directory: string; readonly domain: string }): ServicePlan {
  return {
    before: [["launchctl", "bootout", `${at.domain}/${LABEL}`]],
    path: `${at.directory}/${LABEL}.plist`,
    after: [],
  };
}
