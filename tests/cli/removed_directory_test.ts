import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { inDirectory } from "./in_process.ts";

const SCRIPT = fileURLToPath(new URL("./removed_directory.ts", import.meta.url));

async function vaultik(...args: string[]): Promise<{ code: number; stderr: string }> {
  const words = ["run", "-A", "--no-prompt", "--no-check", "--quiet", SCRIPT, ...args];
  const { code, stderr } = await new Deno.Command(Deno.execPath(), { args: words }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("a working directory that was removed is needed for relative paths only, and reported there", async () => {
  await inDirectory(async (directory) => {
    const init = ["init", "--storage-url", `file://${directory}/store`];
    const made = await vaultik("--config", `${directory}/new/c.yml`, ...init);
    assert.equal(made.code, 0, made.stderr);
    const refused = await vaultik("--config", "c.yml", ...init);
    assert.equal(refused.code, 2, refused.stderr);
    assert.equal(
      refused.stderr,
      'vaultik: Cannot use "c.yml": the working directory was removed; give the whole path, or cd to another\n',
    );
  });
});
