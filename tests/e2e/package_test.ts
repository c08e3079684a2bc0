import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { makeDeb } from "../../release/deb.ts";
import { isInstalled } from "../../release/installed.ts";
import { inDirectory } from "../cli/in_process.ts";
import { isThere } from "../fixtures/is_there.ts";

/** The self-test of the executable; from source it has a test of its own. */
const CHECK = Deno.env.has("VAULTIK_BINARY") ? "self-test" : "version";
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The executable, or a script in its place where there is none. */
async function programIn(directory: string): Promise<string> {
  const binary = Deno.env.get("VAULTIK_BINARY");
  if (binary !== undefined) return binary;
  const script = `${directory}/vaultik`;
  const run = `run -A --no-prompt --quiet --no-check --config ${ROOT}/deno.json ${ROOT}/main.ts`;
  await Deno.writeTextFile(script, `#!/bin/sh\nexec ${Deno.execPath()} ${run} "$@"\n`, { mode: 0o755 });
  return script;
}

/** dpkg on a system of its own below `root`. */
async function dpkg(root: string, ...args: string[]): Promise<void> {
  const { success, stderr, stdout } = await new Deno.Command("dpkg", {
    args: [
      ...[
        `--root=${root}`,
        "--force-not-root",
        "--force-script-chrootless",
        "--force-depends",
        "--force-bad-path",
      ],
      ...["--force-architecture", "--log=/dev/null", ...args],
    ],
  }).output();
  assert.ok(success, new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr));
}

async function emptySystem(root: string): Promise<void> {
  for (const path of ["var/lib/dpkg/updates", "var/lib/dpkg/info", "etc/vaultik", "var/lib/vaultik"]) {
    await Deno.mkdir(`${root}/${path}`, { recursive: true });
  }
  await Deno.writeTextFile(`${root}/var/lib/dpkg/status`, "");
}

Deno.test({
  name: "a Debian package is installed, works, is upgraded and removed, and leaves configuration and index",
  ignore: !await isInstalled("dpkg-deb") || !await isInstalled("dpkg"),
  fn: () =>
    inDirectory(async (directory) => {
      const root = `${directory}/system`;
      await emptySystem(root);
      const kept = [`${root}/etc/vaultik/config.yml`, `${root}/var/lib/vaultik/index.sqlite`];
      const program = await programIn(directory);
      const build = { program, architecture: "all", compression: "none" } as const;
      for (const version of ["1.0.0", "1.1.0"]) {
        const output = `${directory}/vaultik_${version}.deb`;
        await makeDeb({ ...build, version, output });
        await dpkg(root, "--install", output);
        for (const path of kept) if (!isThere(path)) await Deno.writeTextFile(path, "mine");
        await Deno.remove(output);
      }
      const installed = `${root}/usr/bin/vaultik`;
      const { code, stdout } = await new Deno.Command(installed, { args: [CHECK] }).output();
      assert.equal(code, 0, new TextDecoder().decode(stdout));
      const unit = await Deno.readTextFile(`${root}/lib/systemd/system/vaultik.service`);
      assert.match(
        unit,
        /^ExecStart=\/usr\/bin\/vaultik --config \/etc\/vaultik\/config\.yml snapshot create --daemon$/m,
      );
      for (const path of ["man/man1/vaultik-restore.1", "bash-completion/completions/vaultik"]) {
        assert.ok(isThere(`${root}/usr/share/${path}`), path);
      }
      await dpkg(root, "--remove", "vaultik");
      assert.ok(!isThere(installed));
      for (const path of kept) assert.equal(await Deno.readTextFile(path), "mine");
    }),
});
