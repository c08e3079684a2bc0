import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { isPortable } from "../../../src/platform/libc.ts";

const script = fileURLToPath(new URL("./deep_tree.ts", import.meta.url));

Deno.test(
  "a tree may be deeper than a process may have open files, as it is restored and what is too much in it deleted",
  { ignore: isPortable },
  async () => {
    const directory = await Deno.makeTempDir({ prefix: "vaultik-deep-" });
    try {
      const command = 'ulimit -n 400 && exec "$0" run -A --no-check --quiet "$1"';
      const args = ["-c", command, Deno.execPath(), script];
      const env = { TMPDIR: directory };
      const { success, stderr } = await new Deno.Command("sh", { args, env, stderr: "piped" }).output();
      assert.ok(success, new TextDecoder().decode(stderr));
    } finally {
      await new Deno.Command("rm", { args: ["-rf", directory] }).output(); // Deno.remove() has each level open, too
    }
  },
);
