import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { delay } from "../../src/base/clock.ts";
import { InterruptedError } from "../../src/base/errors.ts";
import { strict } from "../report/strict_metrics.ts";
import { DrilledHost } from "./drilled_host.ts";
import { inDirectory, type Ran } from "./in_process.ts";

/** Waits until something is so; throws where the daemon ends before. */
function waitBeside(daemon: Promise<Ran>): (isSo: () => boolean) => Promise<void> {
  let ended: Ran | undefined;
  daemon.then((ran) => ended = ran, () => {});
  return async (isSo) => {
    while (!isSo()) {
      assert.equal(ended, undefined, "the daemon has ended");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
}

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

Deno.test({
  name: "the daemon makes the drills that drill.interval promises, and no more",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inDirectory(async (directory) => {
      const host = await DrilledHost.make(directory, { drill: { interval: "1d" } });
      const stop = new AbortController();
      const day = 24 * 3600 * 1000;
      let offsetMs = 0;
      const daemon = host.run(["snapshot", "create", "--daemon"], {
        signal: stop.signal,
        now: () => new Date(Date.now() + offsetMs),
      });
      const drills = () => host.objects("drills").length;
      const runNow = async () => {
        const ran = await host.run(["daemon", "run-now", "--wait"]);
        assert.equal(ran.code, 0, ran.stderr);
      };
      const until = waitBeside(daemon);
      try {
        await until(() => drills() === 1);
        await runNow();
        await runNow();
        assert.equal(drills(), 1, "the last one is young");
        offsetMs = 2 * day;
        await runNow();
        await until(() => drills() === 2);
        await host.run(["drill"], { now: () => new Date(Date.now() + 4 * day) });
        offsetMs = 4 * day + 60_000;
        await runNow();
        assert.equal(drills(), 3, "someone else has just made one");
      } finally {
        stop.abort(new InterruptedError());
      }
      const { code, stdout, stderr } = await daemon;
      assert.equal(code, 0, stderr);
      assert.equal(stdout.match(/^Drill of .*: good$/gm)?.length, 2, stdout);
    }),
});

Deno.test({
  name: "a drill of the daemon that finds damage is a notice, and the daemon goes on",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inDirectory(async (directory) => {
      const asked: string[] = [];
      await using server = Deno.serve(
        { hostname: "127.0.0.1", port: 0, onListen: () => {} },
        async (request) => {
          asked.push(`${new URL(request.url).pathname} ${await request.text()}`);
          return new Response();
        },
      );
      const healthchecks = `http://127.0.0.1:${server.addr.port}/uuid`;
      const host = await DrilledHost.make(directory);
      await host.configure({ drill: { interval: "1d" }, notify: { healthchecks, details: true } });
      for (const blob of host.objects("blobs")) await Deno.remove(blob);
      const stop = new AbortController();
      const daemon = host.run(["snapshot", "create", "--daemon"], { signal: stop.signal });
      const isOfDrill = (said: string) => said.startsWith("/uuid/fail web1: drill failed\ndrill: failure\n");
      try {
        await waitBeside(daemon)(() => asked.some(isOfDrill));
        assert.match(asked.find(isOfDrill)!, /blobs\/\S+ is missing/);
        assert.equal((await host.run(["daemon", "run-now", "--wait"])).code, 0);
        asked.length = 0;
        assert.equal((await host.run(["drill", "--cron"])).code, 5);
        assert.ok(asked.some(isOfDrill), "by cron, too");
      } finally {
        stop.abort(new InterruptedError());
      }
      const { code, stderr } = await daemon;
      assert.equal(code, 0, stderr);
      assert.match(stderr, /^DAMAGED: the drill of /m);
    }),
});
