import assert from "node:assert/strict";
import { delay } from "../../src/base/clock.ts";
import { inDirectory } from "./in_process.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

function start(argv: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-prompt", "--no-check", MAIN, ...argv],
    stdout: "piped",
    stderr: "piped",
    stdin: "null",
  }).spawn();
}

Deno.test("main.ts exits with the code of the command", async () => {
  const { code, stdout, stderr } = await start(["snapshot", "lst"]).output();
  assert.deepEqual([code, stdout.length], [2, 0]);
  assert.match(
    new TextDecoder().decode(stderr),
    /^vaultik: Cannot run this command: unknown command 'lst'[^\n]*\n$/,
  );
});

Deno.test("main.ts ends quietly when no one reads its output", async () => {
  const child = start(["--help"]);
  await child.stdout.cancel();
  const stderr = await new Response(child.stderr).text();
  assert.deepEqual([(await child.status).code, stderr], [0, ""]);
});

Deno.test("main.ts fails when its output cannot be written", async () => {
  const argv = `"${Deno.execPath()}" run -A --no-prompt --no-check "${MAIN}" keygen > /dev/full`;
  const { code, stderr } = await new Deno.Command("sh", { args: ["-c", argv] }).output();
  assert.equal(code, 1);
  assert.match(
    new TextDecoder().decode(stderr),
    /^vaultik: Cannot write to standard output: No space left on device/,
  );
});

for (
  const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const
) {
  Deno.test(`main.ts ends with 130 on ${signal}`, async () => {
    await inDirectory(async (directory) => {
      using server = Deno.listen({ hostname: "127.0.0.1", port: 0 }); // takes connections and never answers
      const { port } = server.addr as Deno.NetAddr;
      const file = `${directory}/c.yml`;
      await Deno.writeTextFile(
        file,
        `age_recipients: ["${await recipient()}"]\nhostname: web1\nsnapshots: {home: {paths: [/home]}}\n` +
          `s3: {bucket: bucket, endpoint: "http://127.0.0.1:${port}", access_key_id: AKIA, secret_access_key: hunter2}\n`,
      );
      await Deno.chmod(file, 0o600);
      const child = start(["snapshot", "list", "--config", file]);
      using _connection = await server.accept();
      child.kill(signal);
      const { code, stdout, stderr } = await child.output();
      assert.deepEqual([code, stdout.length], [130, 0]);
      assert.equal(new TextDecoder().decode(stderr), `vaultik: Interrupted by ${signal}\n`);
    });
  });
}

Deno.test({
  name: "main.ts lets the hook finally run when its terminal is closed, and goes on where nohup started it",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inDirectory(async (directory) => {
      const file = `${directory}/c.json`;
      const hooks = {
        before: `touch ${directory}/before; sleep 1`,
        finally: `sleep 0.5; touch ${directory}/finally`,
      };
      const config = {
        age_recipients: [await recipient()],
        storage_url: `file://${directory}/store`,
        index_path: `${directory}/index.sqlite`,
        snapshots: { home: { paths: [`${directory}/tree`], hooks } },
      };
      await Deno.mkdir(`${directory}/tree`);
      await Deno.writeTextFile(file, JSON.stringify(config));
      await Deno.chmod(file, 0o600);
      for (const [before, ended] of [["", 130], ["trap '' HUP;", 0]] as const) {
        const argv = `"${Deno.execPath()}" run -A --no-prompt --no-check "${MAIN}"`;
        const child = new Deno.Command("sh", {
          args: ["-c", `${before} exec ${argv} snapshot create --config "${file}"`],
          stdout: "null",
          stderr: "null",
        }).spawn();
        while (!await isThere(`${directory}/before`)) await delay(20);
        for (let i = 0; i < 2; i++) {
          child.kill("SIGHUP");
          await delay(20);
        }
        assert.equal((await child.status).code, ended);
        for (const name of ["before", "finally"]) await Deno.remove(`${directory}/${name}`);
      }
    }),
});

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function recipient(): Promise<string> {
  const { stderr } = await start(["keygen"]).output();
  return new TextDecoder().decode(stderr).trim().replace("Public key: ", "");
}
