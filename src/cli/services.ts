import { directoryOf } from "../store/backends.ts";
import { fileURLToPath } from "node:url";
import { UsageError } from "../base/errors.ts";
import { effectiveUser, isRoot } from "../platform/owners.ts";
import { launchdInstall, launchdPlist, launchdUninstall } from "../daemon/service/launchd.ts";
import { crontabLine } from "../daemon/service/crontab.ts";
import type { ServiceOptions, ServicePlan } from "../daemon/service/service.ts";
import { systemdInstall, systemdUninstall, systemdUnit } from "../daemon/service/systemd.ts";
import { flag, type GlobalOptions } from "./command.ts";
import type { Io } from "./io.ts";
import { localPath } from "./local_path.ts";
import type { Output } from "./output.ts";
import { readConfig } from "./session.ts";

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

function kindOf(flags: ServiceFlags): Kind {
  const kinds = (["systemd", "launchd", "cron"] as const).filter((kind) => flags[kind]);
  if (kinds.length > 1) {
    throw new UsageError(`Cannot use --${kinds[0]} together with --${kinds[1]}: leave one out`);
  }
  return kinds[0] ?? (Deno.build.os === "darwin" ? "launchd" : "systemd");
}

async function serviceOptions(flags: ServiceFlags, io: Io, output: Output): Promise<ServiceOptions> {
  const { path, config } = await readConfig(flags, io, output);
  const { storage } = config;
  return {
    program: program(),
    configPath: localPath(path),
    indexPath: config.indexPath,
    storePath: directoryOf(storage),
    keyFiles: storage.kind === "s3" ? storage.keyFiles : [],
    isOfUser: flags.user ?? !isRoot(),
  };
}

/** This program: the executable, or Deno with the source. */
function program(): string[] {
  const path = Deno.execPath();
  if (!/\/deno$/.test(path)) return [path];
  return [path, "run", "-A", "--no-prompt", "--config", source("deno.json"), source("main.ts")];
}

function source(name: string): string {
  return fileURLToPath(new URL(`../../${name}`, import.meta.url));
}

/** The text of the service that `flags` ask for. */
export async function serviceText(flags: ServiceFlags, io: Io, output: Output): Promise<string> {
  const options = await serviceOptions(flags, io, output);
  switch (kindOf(flags)) {
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
  switch (kindOf(flags)) {
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
  switch (kindOf(flags)) {
    case "systemd":
      return systemdUninstall(options, unitDirectory(options, io));
    case "launchd":
      return launchdUninstall(launchdPlace(options, io));
    case "cron":
      throw new UsageError("Cannot remove a line from cron: crontabs are yours; see crontab -e");
  }
}

function unitDirectory({ isOfUser }: ServiceOptions, io: Io): string {
  if (!isOfUser) return "/etc/systemd/system";
  return `${io.env("XDG_CONFIG_HOME") ?? `${home(io)}/.config`}/systemd/user`;
}

function launchdPlace({ isOfUser }: ServiceOptions, io: Io) {
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
