import assert from "node:assert/strict";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { inDirectory } from "../cli/in_process.ts";
import { hasProgram, vaultik } from "./vaultik.ts";

// What init does to a machine for a schedule, with programs in the place of systemctl and launchctl that note what they are asked.

const { recipient } = await generateKeyPair({ postQuantum: false });

/** `init` with `--schedule HOW --user`; what the program of the system was asked, and the text of `file` below the directory. */
async function scheduled(directory: string, how: string, program: string, file: string) {
  await Deno.mkdir(`${directory}/bin`);
  await Deno.mkdir(`${directory}/data`);
  const log = `${directory}/${program}.log`;
  const script = `#!/bin/sh\necho "$@" >> ${log}\n`;
  await Deno.writeTextFile(`${directory}/bin/${program}`, script, { mode: 0o755 });
  const env = {
    PATH: `${directory}/bin:${Deno.env.get("PATH")}`,
    HOME: directory,
    XDG_CONFIG_HOME: `${directory}/config`,
    DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
  };
  const ran = await vaultik([
    ...["--config", `${directory}/c.yml`, "init", "--yes", "--index-path", `${directory}/i.sqlite`],
    ...[
      "--recipient",
      recipient,
      "--storage-url",
      `file://${directory}/store`,
      "--path",
      `${directory}/data`,
    ],
    ...["--schedule", how, "--user"],
  ], { env });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /\nSchedule\n/);
  const asked = (await Deno.readTextFile(log)).trim().split("\n");
  return { asked, text: await Deno.readTextFile(`${directory}/${file}`) };
}

Deno.test("init --schedule systemd writes a unit that systemd takes, and starts it", () =>
  inDirectory(async (directory) => {
    const file = "config/systemd/user/vaultik.service";
    const { asked, text } = await scheduled(directory, "systemd", "systemctl", file);
    assert.deepEqual(asked, [
      "--user show-environment",
      "--user daemon-reload",
      "--user enable --now vaultik.service",
    ]);
    assert.match(text, /^ExecStart=.*--config .*\/c\.yml snapshot create --daemon$/m);
    if (!hasProgram("systemd-analyze", "--version")) return;
    const args = ["verify", "--man=no", "--user", `${directory}/${file}`];
    const env = { XDG_RUNTIME_DIR: directory };
    const { stderr } = await new Deno.Command("systemd-analyze", { args, env }).output();
    const said = new TextDecoder().decode(stderr).split("\n");
    assert.deepEqual(said.filter((line) => line.includes("vaultik.service")), []);
  }));

Deno.test("init --schedule launchd writes a job that is a property list, and loads it", () =>
  inDirectory(async (directory) => {
    const file = "Library/LaunchAgents/org.vaultik.daemon.plist";
    const { asked, text } = await scheduled(directory, "launchd", "launchctl", file);
    assert.deepEqual(asked, [`bootstrap gui/${Deno.uid()} ${directory}/${file}`]);
    assert.ok(text.includes(`<string>${directory}/c.yml</string>`));
    if (!hasProgram("python3", "--version")) return;
    const script =
      "import plistlib, sys; print(plistlib.load(open(sys.argv[1], 'rb'))['ProgramArguments'][-1])";
    const args = ["-c", script, `${directory}/${file}`];
    const { stdout } = await new Deno.Command("python3", { args }).output();
    assert.equal(new TextDecoder().decode(stdout), "--daemon\n");
  }));
