import assert from "node:assert/strict";
import { join } from "node:path";
import { RunningDaemon } from "./daemon.ts";
import { assertFails, BINARY, hasProgram, isRoot, Scene, testWith, vaultik } from "./vaultik.ts";

const decoder = new TextDecoder();

/** Whom the daemon tells what it does, as it would tell systemd. */
class NotifySocket implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly states: string[] = [];

  constructor(readonly address: string) {
    const script = "import socket, sys\n" +
      "s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\n" +
      "s.bind(sys.argv[1].replace('@', '\\0', 1) if sys.argv[1].startswith('@') else sys.argv[1])\n" +
      "print('bound', flush=True)\n" +
      "while True: print(s.recv(4096).decode(), flush=True)\n";
    this.#process = new Deno.Command("python3", { args: ["-c", script, address], stdout: "piped" }).spawn();
    this.#reader = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  static async open(address: string): Promise<NotifySocket> {
    const socket = new NotifySocket(address);
    await socket.hears(/^bound$/);
    return socket;
  }

  async hears(state: RegExp, times = 1): Promise<void> {
    while (this.states.filter((said) => state.test(said)).length < times) {
      const { value, done } = await this.#reader.read();
      assert.ok(!done, `never heard ${state}`);
      this.states.push(...value.trimEnd().split("\n"));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#reader.cancel();
    await this.#process.status;
  }
}

const noPython = hasProgram("python3", "--version") ? undefined : "python3";

for (const kind of ["a path", "an abstract name"]) {
  testWith(noPython, `the daemon tells its service manager what it does, at ${kind}`, async () => {
    await using scene = await Scene.open("file", { backup_interval: "1d" });
    const address = kind === "a path" ? scene.path("notify") : `@vaultik-${crypto.randomUUID()}`;
    await using socket = await NotifySocket.open(address);
    const env = { NOTIFY_SOCKET: address, WATCHDOG_USEC: "200000" };
    await using daemon = await RunningDaemon.ready(scene, [], { env });
    await socket.hears(/^READY=1$/);
    await socket.hears(/^STATUS=Watching for changes; next look at \d{4}-/);
    await socket.hears(/^WATCHDOG=1$/, 3);
    daemon.child.kill("SIGHUP");
    await socket.hears(/^RELOADING=1$/);
    await socket.hears(/^READY=1$/, 2);
    assert.equal((await daemon.stop()).code, 0);
    await socket.hears(/^STOPPING=1$/);
  });
}

/** A `systemctl` that notes what it is asked. */
async function fakeSystemctl(scene: Scene): Promise<{ env: Record<string, string>; log: string }> {
  const [bin, log] = [scene.path("bin"), scene.path("systemctl.log")];
  await Deno.mkdir(bin);
  await Deno.writeTextFile(join(bin, "systemctl"), `#!/bin/sh\necho "$@" >> ${log}\n`, { mode: 0o755 });
  const env = { PATH: `${bin}:${Deno.env.get("PATH")}`, XDG_CONFIG_HOME: scene.path("config") };
  return { env, log };
}

Deno.test("service install shows, writes and starts a unit; uninstall undoes that", async () => {
  await using scene = await Scene.open();
  const { env, log } = await fakeSystemctl(scene);
  const run = (...args: string[]) => vaultik(["--config", scene.config, "service", ...args], { env });
  const unit = scene.path("config/systemd/user/vaultik.service");

  const shown = await run("install", "--systemd", "--user", "--dry-run");
  assert.equal(shown.code, 0, shown.stderr);
  assert.ok(shown.stdout.includes(`write ${unit}:`) && shown.stdout.includes("Type=notify"), shown.stdout);
  assert.throws(() => Deno.statSync(unit), Deno.errors.NotFound);

  assert.equal((await run("install", "--systemd", "--user")).code, 0);
  assert.equal((await run("print", "--systemd", "--user")).stdout, await Deno.readTextFile(unit));
  const started = await Deno.readTextFile(log);
  assert.deepEqual(started.trim().split("\n"), [
    "--user show-environment",
    "--user daemon-reload",
    "--user enable --now vaultik.service",
  ]);

  assert.equal((await run("uninstall", "--systemd", "--user")).code, 0);
  assert.throws(() => Deno.statSync(unit), Deno.errors.NotFound);
  assertFails(await run("uninstall", "--systemd", "--user"), 4, /there is no/);
});

Deno.test("service install says when systemd is not there, or refuses", async () => {
  await using scene = await Scene.open();
  const { env } = await fakeSystemctl(scene);
  await Deno.writeTextFile(scene.path("bin/systemctl"), "#!/bin/sh\necho no bus >&2; exit 1\n", {
    mode: 0o755,
  });
  const args = ["--config", scene.config, "service", "install", "--systemd", "--user"];
  assertFails(await vaultik(args, { env }), 1, /systemctl --user show-environment.*no bus/);
  assertFails(await vaultik([...args, "--cron"], { env }), 2, /together/);
});

Deno.test("service print --cron is a line for cron", async () => {
  await using scene = await Scene.open();
  const line = await scene.ok("service", "print", "--cron", "--user");
  assert.match(line, new RegExp(`^15 \\* \\* \\* \\*  .*--config ${scene.config} snapshot create --cron\n$`));
});

function whyNoSystemd(): string | undefined {
  if (BINARY === undefined) return "an executable in VAULTIK_BINARY";
  if (!isRoot || Deno.build.os !== "linux") return "root on Linux";
  return hasProgram("systemctl", "is-system-running", "--quiet") ? undefined : "a running systemd";
}

testWith(whyNoSystemd(), "the executable runs as a unit of systemd", async () => {
  await using scene = await Scene.open("file", { backup_interval: "1d" });
  await Deno.writeTextFile(join(scene.tree, "file"), "file");
  const name = `vaultik-test-${crypto.randomUUID()}.service`;
  const path = `/run/systemd/system/${name}`;
  const systemctl = async (...args: string[]) => {
    const { success, stdout, stderr } = await new Deno.Command("systemctl", { args }).output();
    assert.ok(success, decoder.decode(stderr));
    return decoder.decode(stdout);
  };
  await Deno.writeTextFile(path, await scene.ok("service", "print", "--systemd"));
  try {
    await systemctl("daemon-reload");
    await systemctl("start", name); // returns when it is ready
    await scene.ok("daemon", "run-now", "--wait");
    await systemctl("reload", name);
    await systemctl("stop", name);
    assert.match(await systemctl("show", name, "--property=Result"), /success/);
    assert.ok((await scene.list()).length >= 1);
  } finally {
    await Deno.remove(path);
    await systemctl("daemon-reload");
  }
});
