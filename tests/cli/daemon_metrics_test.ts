import assert from "node:assert/strict";
import { delay } from "../../src/base/clock.ts";
import { InterruptedError } from "../../src/base/errors.ts";
import { strict } from "../report/strict_metrics.ts";
import { DrilledHost } from "./drilled_host.ts";
import { inDirectory } from "./in_process.ts";

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test({
  name: "the daemon serves the metrics of its runs, also without a metrics file",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inDirectory(async (directory) => {
      const host = await DrilledHost.make(directory);
      const port = freePort();
      await host.configure({ metrics_file: undefined, metrics_port: port, backup_interval: "1m" });
      const stop = new AbortController();
      const daemon = host.run(["snapshot", "create", "--daemon", "--quiet"], { signal: stop.signal });
      let text = "";
      const ask = async () => {
        while (!text.includes("vaultik_backup_status")) {
          await delay(50, stop.signal);
          const response = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => undefined);
          text = await response?.text() ?? "";
        }
        stop.abort(new InterruptedError());
      };
      const asked = ask().catch((error) => {
        if (!stop.signal.aborted) throw error;
      });
      const { code, stderr } = await daemon;
      stop.abort();
      await asked;
      assert.equal(code, 0, stderr);
      assert.equal(strict(text).get('vaultik_backup_status{host="web1",snapshot="home"}'), 2);
    }),
});
