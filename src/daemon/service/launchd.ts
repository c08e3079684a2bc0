import { daemonCommand, type ServiceOptions, type ServicePlan } from "./service.ts";

const LABEL = "org.vaultik.daemon";
/** A little longer than the daemon waits for a running backup. */
const EXIT_TIMEOUT_SECONDS = 360;

export function launchdPlist(options: ServiceOptions, logPath: string): string {
  const strings = daemonCommand(options).map((text) => `    <string>${escaped(text)}</string>`).join("\n");
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${LABEL}</string>
  <key>ProgramArguments</key>
  <array>
${strings}
  </array>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ProcessType</key>
  <string>Background</string>
  <key>LowPriorityIO</key>
  <true/>
  <key>Nice</key>
  <integer>10</integer>
  <key>ExitTimeOut</key>
  <integer>${EXIT_TIMEOUT_SECONDS}</integer>
  <key>Umask</key>
  <integer>63</integer>
  <key>StandardOutPath</key>
  <string>${escaped(logPath)}</string>
  <key>StandardErrorPath</key>
  <string>${escaped(logPath)}</string>
</dict>
</plist>
`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

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
