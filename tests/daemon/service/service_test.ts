import assert from "node:assert/strict";
import { crontabLine } from "../../../src/daemon/service/crontab.ts";
import { launchdPlist } from "../../../src/daemon/service/launchd.ts";
import { launchdInstall, launchdUninstall } from "../../../src/daemon/service/launchd_install.ts";
import type { ServiceOptions } from "../../../src/daemon/service/service.ts";
import { systemdUnit } from "../../../src/daemon/service/systemd.ts";
import { systemdInstall, systemdUninstall } from "../../../src/daemon/service/systemd_install.ts";
import { hasProgram, testWith } from "../../e2e/vaultik.ts";

const OPTIONS: ServiceOptions = {
  program: ["/usr/local/bin/vaultik"],
  configPath: "/etc/vaultik/config.yml",
  indexPath: "/var/lib/vaultik/index.sqlite",
  keyFiles: [],
  runsPrograms: false,
  isOfUser: false,
};

const lines = (text: string) => text.split("\n");

Deno.test("systemdUnit() tells systemd when it is ready, alive and reloaded, and is shut in", () => {
  const unit = lines(systemdUnit({ ...OPTIONS, keyFiles: ["/etc/vaultik/s3-secret"] }));
  for (
    const line of [
      "Type=notify",
      "NotifyAccess=main",
      "ExecStart=/usr/local/bin/vaultik --config /etc/vaultik/config.yml snapshot create --daemon",
      "WatchdogSec=3min",
      "Nice=10",
      "LimitCORE=0",
      "IOSchedulingClass=idle",
      "NoNewPrivileges=yes",
      "ProtectSystem=strict",
      "StateDirectory=vaultik",
      "ReadWritePaths=-/var/lib/vaultik",
      "CapabilityBoundingSet=CAP_DAC_READ_SEARCH",
      "LoadCredential=s3-secret:/etc/vaultik/s3-secret",
      "WantedBy=multi-user.target",
    ]
  ) assert.ok(unit.includes(line), line);
  const timeout = unit.find((line) => line.startsWith("TimeoutStopSec="));
  assert.equal(timeout, "TimeoutStopSec=6min", "longer than the daemon waits for a running backup");
});

Deno.test("systemdUnit() may write where the index and the store are, whatever these are called", () => {
  const unit = lines(systemdUnit({ ...OPTIONS, indexPath: "/srv/my state/100%/i", storePath: "/mnt/$x" }));
  assert.ok(unit.includes('ReadWritePaths="-/srv/my state/100%%" -/mnt/$x'));
  assert.ok(unit.includes("RequiresMountsFor=/mnt/$x"));
  assert.ok(!unit.some((line) => line.startsWith("StateDirectory")));
});

Deno.test("systemdUnit() may write where the file of metrics is replaced", () => {
  const unit = lines(systemdUnit({ ...OPTIONS, metricsPath: "/var/lib/node_exporter/vaultik.prom" }));
  assert.ok(unit.includes("ReadWritePaths=-/var/lib/vaultik -/var/lib/node_exporter"));
});

Deno.test("systemdUnit() quotes a command as systemd reads it", () => {
  const unit = systemdUnit({ ...OPTIONS, program: ["/opt/a b/$vaultik"], configPath: '/etc/"50%".yml' });
  assert.ok(
    unit.includes('ExecStart="/opt/a b/$$vaultik" --config "/etc/\\"50%%\\".yml" snapshot create --daemon\n'),
    unit,
  );
});

Deno.test("a unit of a user has nothing in it that only root may have", () => {
  const unit = systemdUnit({ ...OPTIONS, isOfUser: true });
  assert.doesNotMatch(unit, /ProtectSystem|CapabilityBoundingSet|StateDirectory|network-online/);
  assert.ok(unit.includes("WantedBy=default.target"));
  const { path, after } = systemdInstall({ ...OPTIONS, isOfUser: true }, "/home/me/.config/systemd/user");
  assert.equal(path, "/home/me/.config/systemd/user/vaultik.service");
  assert.deepEqual(after, [["systemctl", "--user", "daemon-reload"], [
    "systemctl",
    "--user",
    "enable",
    "--now",
    "vaultik.service",
  ]]);
});

Deno.test("a unit forbids nothing where programs of others run", () => {
  const unit = systemdUnit({ ...OPTIONS, runsPrograms: true });
  assert.doesNotMatch(unit, /^(Protect|Restrict|Capability|NoNew|ReadWrite|Device)/m);
  assert.match(unit, /^WatchdogSec=/m);
});

Deno.test("removing a unit stops it first", () => {
  const plan = systemdUninstall(OPTIONS, "/etc/systemd/system");
  assert.deepEqual(plan, {
    before: [["systemctl", "disable", "--now", "vaultik.service"]],
    path: "/etc/systemd/system/vaultik.service",
    after: [["systemctl", "daemon-reload"]],
  });
});

const noVerify = hasProgram("systemd-analyze", "--version") ? undefined : "systemd-analyze";

testWith(noVerify, "systemd-analyze finds no fault in the unit", async () => {
  const directory = await Deno.makeTempDir({ prefix: "vaultik-unit-" });
  try {
    const program = `${directory}/vaultik program`;
    await Deno.writeTextFile(program, "#!/bin/sh\n", { mode: 0o755 });
    const unit = `${directory}/vaultik.service`;
    for (const [isOfUser, runsPrograms] of [[false, false], [false, true], [true, false]] as const) {
      const found = { isOfUser, runsPrograms, keyFiles: ["/etc/vaultik/s3-secret"] };
      const options = { ...OPTIONS, program: [program], ...found };
      await Deno.writeTextFile(unit, systemdUnit(options));
      const args = ["verify", "--man=no", ...isOfUser ? ["--user"] : [], unit];
      const { stderr } = await new Deno.Command("systemd-analyze", {
        args,
        env: { XDG_RUNTIME_DIR: directory },
      }).output();
      const faults = lines(new TextDecoder().decode(stderr)).filter((line) =>
        line.includes("vaultik.service")
      );
      assert.deepEqual(faults, []);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("launchdPlist() keeps the daemon running, in the background", () => {
  const plist = launchdPlist({ ...OPTIONS, configPath: "/etc/a&b<c>.yml" }, "/var/log/vaultik.log");
  assert.ok(plist.includes("<string>/etc/a&amp;b&lt;c&gt;.yml</string>"));
  for (const key of ["RunAtLoad", "KeepAlive", "LowPriorityIO", "ExitTimeOut", "StandardErrorPath"]) {
    assert.ok(plist.includes(`<key>${key}</key>`), key);
  }
  const at = { directory: "/Library/LaunchDaemons", domain: "system", logPath: "/var/log/vaultik.log" };
  const { path, after } = launchdInstall(OPTIONS, at);
  assert.deepEqual(after, [["launchctl", "bootstrap", "system", path]]);
  assert.deepEqual(launchdUninstall(at).before, [["launchctl", "bootout", "system/org.vaultik.daemon"]]);
});

Deno.test("crontabLine() is quoted for cron and for the shell", () => {
  assert.equal(
    crontabLine(OPTIONS),
    "15 * * * *  root  /usr/local/bin/vaultik --config /etc/vaultik/config.yml snapshot create --cron\n",
  );
  assert.equal(
    crontabLine({ ...OPTIONS, program: ["/opt/it's/vaultik"], configPath: "/a%b", isOfUser: true }),
    "15 * * * *  '/opt/it'\\''s/vaultik' --config /a\\%b snapshot create --cron\n",
  );
});

Deno.test("the unit of a directory store waits for its disk to be mounted, and installing asks for systemd first", () => {
  const options = {
    program: ["/usr/bin/vaultik"],
    configPath: "/etc/vaultik/config.yml",
    indexPath: "/var/lib/vaultik/index.sqlite",
    keyFiles: [],
    runsPrograms: false,
    isOfUser: false,
  };
  const stored = { ...options, storePath: "/mnt/backup disk" };
  assert.match(systemdUnit(stored), /\[Unit\][^[]*\nRequiresMountsFor="\/mnt\/backup disk"\n/);
  assert.doesNotMatch(systemdUnit(options), /RequiresMountsFor/);
  assert.deepEqual(systemdInstall(options, "/etc/systemd/system").before, [[
    "systemctl",
    "show-environment",
  ]]);
});
