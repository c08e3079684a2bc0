import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { EnvironmentError, InterruptedError } from "../../src/base/errors.ts";
import { DrilledHost } from "./drilled_host.ts";
import { inDirectory } from "./in_process.ts";

Deno.test({
  name: "a daemon whose log has no room goes on, and says so once",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inDirectory(async (directory) => {
      const host = await DrilledHost.make(directory);
      const before = host.objects("snapshots").length;
      const stop = new AbortController();
      const { code, stderr } = await host.run(["snapshot", "create", "--daemon"], {
        signal: stop.signal,
        onStdout(text) {
          if (text.startsWith("Watching for changes")) stop.abort(new InterruptedError());
          throw new EnvironmentError("Cannot write to standard output: no space left on device");
        },
      });
      assert.equal(code, 0, stderr);
      assert.equal(stderr, "vaultik: Cannot write to standard output: no space left on device\n");
      assert.ok(host.objects("snapshots").length > before);
    }),
});
