import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { joinPath, type Path, pathOf } from "../../src/model/path.ts";
import { createFileIn, makeDirectoryIn, openRoot } from "../../src/platform/beneath.ts";
import { AT_FDCWD } from "../../src/platform/libc.ts";
import { closeFile, readNames } from "../../src/platform/read.ts";
import { openSubdirectoryForReading } from "../../src/platform/beneath.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { inDirectory, vaultik } from "./in_process.ts";

const { identity, recipient } = await generateKeyPair({ postQuantum: false });

function makeFile(directory: Path, name: string): void {
  const fd = openRoot(directory, false);
  closeFile(createFileIn(fd, name));
  closeFile(fd);
}

function namesIn(directory: Path): string[] {
  const fd = openSubdirectoryForReading(AT_FDCWD, directory);
  try {
    return readNames(fd).sort();
  } finally {
    closeFile(fd);
  }
}

Deno.test({
  name: "paths that are not UTF-8 are configured, excluded, checked, shown and restored as \\xNN",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inDirectory(async (directory) => {
      const data = joinPath(pathOf(directory), "data-\xff");
      makeDirectoryIn(AT_FDCWD, data, 0o700);
      for (const name of ["kept-\xfe", "left-\xfd-out", "ü\n"]) makeFile(data, name);
      const config = {
        age_recipients: [recipient],
        index_path: `${directory}/index.sqlite`,
        snapshots: {
          home: { paths: [String.raw`${directory}/data-\xff`], exclude: [String.raw`left-\xfd*`] },
        },
        storage_url: `file://${directory}/store`,
      };
      await Deno.writeTextFile(`${directory}/c.yml`, JSON.stringify(config));
      await Deno.writeTextFile(`${directory}/key.txt`, identity, { mode: 0o600 });
      const words = ["--config", `${directory}/c.yml`];
      const created = await vaultik(["snapshot", "create", ...words]);
      assert.equal(created.code, 0, created.stderr);

      const looked = ["--identity", `${directory}/key.txt`, ...words];
      const checked = await vaultik(["doctor", ...words]);
      assert.match(checked.stdout + checked.stderr, /path .*data-\\xff: can be read/);
      const listed = await vaultik(["ls", String.raw`latest:${directory}/data-\xff`, ...looked]);
      assert.match(listed.stdout, /kept-\\xfe/);
      assert.doesNotMatch(listed.stdout, /left-/);

      const target = String.raw`${directory}/new/target-\xfc`;
      const restored = await vaultik([
        "restore",
        "latest",
        target,
        String.raw`${directory}/data-\xff/kept-\xfe`,
        ...looked,
      ]);
      assert.equal(restored.code, 0, restored.stderr);
      assert.deepEqual(namesIn(joinPath(pathOf(directory), "new")), ["target-\xfc"]);
      assert.deepEqual(namesIn(joinPath(pathOf(directory), "new/target-\xfc") + data), ["kept-\xfe"]);
      await new Deno.Command("rm", { args: ["-rf", `${directory}/new`] }).output();
      await new Deno.Command("sh", { args: ["-c", 'rm -rf "$0"/data-*', directory] }).output();
    }),
});
