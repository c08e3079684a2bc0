import { basename, dirname } from "node:path/posix";
import { daemonCommand, type ServiceOptions } from "./service.ts";

const STATE_DIRECTORY = "/var/lib/vaultik";

/**
 * The unit. As a service of the system it may read every file and write nothing but the index (and a store on this machine, and metrics), unless
 * it runs programs of others: who makes a snapshot of a volume, dumps a database as its user or sends mail needs more. Not used,
 * since a backup has to see what is there: PrivateTmp, PrivateDevices, ProtectHome=yes, ProtectProc; MemoryDenyWriteExecute would
 * forbid JavaScript. Attributes called `trusted.*` need CAP_SYS_ADMIN, which is not given.
 */
export function systemdUnit(options: ServiceOptions): string {
  return `[Unit]
Description=Vaultik: encrypted backups of what changes
${options.isOfUser ? "" : "Wants=network-online.target\nAfter=network-online.target local-fs.target\n"}${
    mounts(options)
  }
[Service]
Type=notify
NotifyAccess=main
ExecStart=${daemonCommand(options).map(commandWord).join(" ")}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=1min
# Directories are watched before the service counts as started; a running backup may finish before it has stopped.
TimeoutStartSec=15min
TimeoutStopSec=6min
KillMode=mixed
WatchdogSec=3min

Nice=10
IOSchedulingClass=idle
CPUWeight=20
UMask=0077
# What is in memory, keys of the store among it, does not go to the disk.
LimitCORE=0
${options.runsPrograms ? UNCONFINED : confinement(options)}${
    options.keyFiles.map((path) => `LoadCredential=${specifierFree(basename(path))}:${specifierFree(path)}\n`)
      .join("")
  }
[Install]
WantedBy=${options.isOfUser ? "default.target" : "multi-user.target"}
`;
}

const UNCONFINED =
  `# Hooks, commands and programs that the configuration names may do what they need: nothing is forbidden.
`;

function confinement(options: ServiceOptions): string {
  return `NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
${options.isOfUser ? "" : sandbox(options)}`;
}

/** A store on a disk that is not mounted must not be taken for an empty one. */
function mounts({ storePath, isOfUser }: ServiceOptions): string {
  return storePath === undefined || isOfUser ? "" : `RequiresMountsFor=${word(storePath)}\n`;
}

function sandbox({ indexPath, storePath, metricsPath }: ServiceOptions): string {
  const state = dirname(indexPath);
  // A file is replaced by way of another one beside it.
  const written = [state, storePath, metricsPath && dirname(metricsPath)].filter((path) =>
    path !== undefined
  );
  return `ProtectSystem=strict
${state === STATE_DIRECTORY ? "StateDirectory=vaultik\nStateDirectoryMode=0700\n" : ""}ReadWritePaths=${
    written.map((path) => word(`-${path}`)).join(" ")
  }
CapabilityBoundingSet=CAP_DAC_READ_SEARCH
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
DevicePolicy=closed
RestrictNamespaces=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
`;
}

/** One word of a command line, in which systemd puts variables, too. */
function commandWord(text: string): string {
  return word(text.replaceAll("$", "$$$$"));
}

/** One word of a list, as systemd reads it. */
function word(text: string): string {
  const escaped = specifierFree(text);
  return /^[A-Za-z0-9@%+=:,./_$-]+$/.test(escaped) ? escaped : `"${escaped.replace(/["\\]/g, "\\$&")}"`;
}

function specifierFree(text: string): string {
  return text.replaceAll("%", "%%");
}
