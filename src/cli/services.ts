import { UsageError } from "../base/errors.ts";
import type { Config } from "../config/config.ts";
import { crontabLine } from "../daemon/service/crontab.ts";
import { launchdPlist } from "../daemon/service/launchd.ts";
import { launchdInstall, launchdUninstall } from "../daemon/service/launchd_install.ts";
import type { ServiceOptions, ServicePlan } from "../daemon/service/service.ts";
import { systemdUnit } from "../daemon/service/systemd.ts";
import { systemdInstall, systemdUninstall } from "../daemon/service/systemd_install.ts";
import { isRoot } from "../platform/owners.ts";
import { directoryOf } from "../store/backends.ts";
import type { Io } from "./io.ts";
import { localPath } from "./local_path.ts";
import type { Output } from "./output.ts";
import { type ServiceFlags, serviceKind } from "./service_flags.ts";
import { launchdPlace, unitDirectory } from "./service_places.ts";
import { readConfig } from "./session.ts";
import { thisProgram } from "./this_program.ts";

async function serviceOptions(flags: ServiceFlags, io: Io, output: Output): Promise<ServiceOptions> {
  const { path, config } = await readConfig(flags, io, output);
  const { storage } = config;
  return {
    program: thisProgram(),
    configPath: localPath(path),
    indexPath: config.indexPath,
    storePath: directoryOf(storage),
    metricsPath: config.metrics.file,
    keyFiles: storage.kind === "s3" ? storage.keyFiles : [],
    runsPrograms: runsPrograms(config),
    isOfUser: flags.user ?? !isRoot(),
  };
}

/** Hooks, commands whose output is backed up, and what sends mail; not what Vaultik itself starts. */
function runsPrograms({ hooks, snapshots, notify }: Config): boolean {
  return hooks !== undefined || (notify?.mailTo.length ?? 0) > 0 ||
    snapshots.some(({ hooks, commands }) => hooks !== undefined || commands.length > 0);
}

/** The text of the service that `flags` ask for. */
export async function serviceText(flags: ServiceFlags, io: Io, output: Output): Promise<string> {
  const options = await serviceOptions(flags, io, output);
  switch (serviceKind(flags)) {
    case "systemd":
      return systemdUnit(options);
    case "launchd":
      return launchdPlist(options, launchdPlace(options, io).logPath);
    case "cron":
      return crontabLine(options);
  }
}

export async function installPlan(flags: ServiceFlags, io: Io, output: Output): Promise<ServicePlan> {
  const options = await serviceOptions(flags, io, output);
  switch (serviceKind(flags)) {
    case "systemd":
      return systemdInstall(options, unitDirectory(options, io));
    case "launchd":
      return launchdInstall(options, launchdPlace(options, io));
    case "cron":
      throw new UsageError(
        "Cannot install a line for cron: crontabs are yours; see vaultik service print --cron",
      );
  }
}

export async function uninstallPlan(flags: ServiceFlags, io: Io, output: Output): Promise<ServicePlan> {
  const options = await serviceOptions(flags, io, output);
  switch (serviceKind(flags)) {
    case "systemd":
      return systemdUninstall(options, unitDirectory(options, io));
    case "launchd":
      return launchdUninstall(launchdPlace(options, io));
    case "cron":
      throw new UsageError("Cannot remove a line from cron: crontabs are yours; see crontab -e");
  }
}
