import assert from "node:assert/strict";
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

for (const signal of ["SIGINT", "SIGTERM"] as const) {
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

async function recipient(): Promise<string> {
  const { stderr } = await start(["keygen"]).output();
  return new TextDecoder().decode(stderr).trim().replace("Public key: ", "");
}
