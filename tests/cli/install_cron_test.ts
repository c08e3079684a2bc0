import assert from "node:assert/strict";
import { EnvironmentError } from "../../src/base/errors.ts";
import { fromLatin1, toLatin1 } from "../../src/base/bytes.ts";
import { installCron } from "../../src/cli/install_cron.ts";
import { crontabLine } from "../../src/daemon/service/crontab.ts";
import { inDirectory, testIo } from "./in_process.ts";

/** The crontab, one character a byte, after the line for `configPath` was installed; `read` is what `crontab -l` does. */
async function installed(
  before: string | undefined,
  { configPath = "/etc/c.yml", read = "" } = {},
): Promise<{ after: string | undefined; line: string; error: unknown }> {
  let after: string | undefined;
  let error: unknown;
  const options = {
    program: ["/usr/bin/vaultik"],
    indexPath: "/i",
    keyFiles: [],
    runsPrograms: false,
    isOfUser: true,
  };
  const line = crontabLine({ ...options, configPath });
  await inDirectory(async (directory) => {
    const file = `${directory}/crontab.of.user`;
    if (before !== undefined) await Deno.writeFile(file, fromLatin1(before));
    const none = `[ -e ${file} ] || { echo "no crontab for web" >&2; exit 1; }`;
    const list = `${read || none}; exec cat ${file}`;
    const script = `#!/bin/sh\nif [ "$1" = -l ]; then ${list}; else exec cat > ${file}; fi\n`;
    await Deno.writeTextFile(`${directory}/crontab`, script, { mode: 0o755 });
    const { io } = testIo({ env: { PATH: `${directory}:/usr/bin:/bin` } });
    error = await installCron(line, io).then(() => undefined, (error) => error);
    after = await Deno.readFile(file).then(toLatin1, () => undefined);
  });
  return { after, line, error };
}

Deno.test("a line is added to a crontab, of which all else stays as it is, byte for byte", async () => {
  const none = await installed(undefined);
  assert.deepEqual([none.error, none.after], [undefined, none.line]);
  const others = "# caf\xe9 \xff\n\n  0 1 * * *  true\n";
  const some = await installed(others);
  assert.deepEqual([some.error, some.after], [undefined, others + some.line]);
  const again = await installed(some.after);
  assert.equal(again.after, some.after);
  const unended = await installed("0 1 * * * true");
  assert.equal(unended.after, `0 1 * * * true\n${unended.line}`);
});

Deno.test("an earlier line for the same configuration is replaced, also where its name is in quotes", async () => {
  const configPath = "/etc/my %files/c.yml";
  const { line } = await installed(undefined, { configPath });
  const earlier = line.replace("15 *", "30 *").replace("/usr/bin/vaultik", "/opt/vaultik");
  const { after } = await installed(`0 1 * * * true\n${earlier}`, { configPath });
  assert.equal(after, `0 1 * * * true\n${line}`);
});

Deno.test("a crontab that cannot be read is not replaced", async () => {
  for (const read of ['echo "crontab: Input/output error" >&2; exit 1', "exit 1"]) {
    const { after, error, line } = await installed("0 1 * * * true\n", { read });
    assert.equal(after, "0 1 * * * true\n");
    assert.ok(error instanceof EnvironmentError);
    assert.match(error.message, /^Cannot read the crontab: /);
    assert.ok(error.message.endsWith(`the line is: ${line.trim()}`));
  }
});
