import { SERVICE_NAME, type ServiceOptions, type ServicePlan } from "./service.ts";
import { systemdUnit } from "./systemd.ts";

/** `directory` is that of units: `/etc/systemd/system`, or a user's own. */
export function systemdInstall(options: ServiceOptions, directory: string): ServicePlan {
  const unit = `${SERVICE_NAME}.service`;
  return {
    // Fails where systemd does not run, before anything is written.
    before: [systemctl(options, "show-environment")],
    path: `${directory}/${unit}`,
    text: systemdUnit(options),
    after: [systemctl(options, "daemon-reload"), systemctl(options, "enable", "--now", unit)],
  };
}

export function systemdUninstall(options: ServiceOptions, directory: string): ServicePlan {
  const unit = `${SERVICE_NAME}.service`;
  return {
    before: [systemctl(options, "disable", "--now", unit)],
    path: `${directory}/${unit}`,
    after: [systemctl(options, "daemon-reload")],
  };
}

function systemctl({ isOfUser }: ServiceOptions, ...args: string[]): string[] {
  return ["systemctl", ...isOfUser ? ["--user"] : [], ...args];
}
