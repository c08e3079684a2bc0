import assert from "node:assert/strict";
import { delay } from "../../src/base/clock.ts";
import { InterruptedError } from "../../src/base/errors.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { inDirectory, vaultik } from "./in_process.ts";

const { recipient } = await generateKeyPair({ postQuantum: false });

async function configured(directory: string, more: object): Promise<string[]> {
  await Deno.mkdir(`${directory}/tree`);
  await Deno.writeTextFile(`${directory}/tree/a`, "a");
  const config = {
    age_recipients: [recipient],
    index_path: `${directory}/index.sqlite`,
    hostname: "web1",
    snapshots: { home: { paths: [`${directory}/tree`] } },
    storage_url: `file://${directory}/store`,
    metrics_file: `${directory}/vaultik.prom`,
    ...more,
  };
  await Deno.writeTextFile(`${directory}/c.yml`, JSON.stringify(config));
  return ["--config", `${directory}/c.yml`, "snapshot", "create", "--cron"];
}

function serve(asked: string[], answer: () => Promise<Response>) {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    asked.push(`${new URL(request.url).pathname} ${await request.text()}`);
    return await answer();
  });
}

Deno.test({
  name:
    "a backup whose webhook hangs is made, ends with 0 and warns without the address; metrics are written",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inDirectory(async (directory) => {
      const { promise, resolve } = Promise.withResolvers<Response>();
      await using server = serve([], () => promise);
      const webhook = `http://127.0.0.1:${server.addr.port}/secret`;
      const argv = await configured(directory, { notify: { webhook, healthchecks: webhook, timeout: "1s" } });
      const { code, stderr } = await vaultik(argv);
      resolve(new Response());
      assert.equal(code, 0, stderr);
      assert.match(stderr, /^warning: could not notify webhook: it did not answer in time$/m);
      assert.doesNotMatch(stderr, /secret/);
      const metrics = await Deno.readTextFile(`${directory}/vaultik.prom`);
      assert.match(metrics, /^vaultik_backup_status\{host="web1",snapshot="home"\} 2$/m);
      assert.equal((await Deno.stat(`${directory}/vaultik.prom`)).mode! & 0o777, 0o644);
    }),
});

Deno.test({
  name: "a backup that fails says so everywhere, and its exit code is its own",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inDirectory(async (directory) => {
      const asked: string[] = [];
      await using server = serve(asked, () => Promise.resolve(new Response()));
      const healthchecks = `http://127.0.0.1:${server.addr.port}/uuid`;
      const argv = await configured(directory, { notify: { healthchecks } });
      assert.equal((await vaultik(argv)).code, 0);
      assert.match(asked.at(-1)!, /^\/uuid web1: backup done\nhome: success; /);
      await Deno.remove(`${directory}/tree`, { recursive: true });
      const failed = await vaultik(argv);
      assert.equal(failed.code, 4);
      assert.match(asked.at(-1)!, /^\/uuid\/fail web1: backup failed\nhome: failure$/);
      const metrics = await Deno.readTextFile(`${directory}/vaultik.prom`);
      assert.match(metrics, /^vaultik_backup_status\{host="web1",snapshot="home"\} 0$/m);
      assert.match(metrics, /^vaultik_backup_last_success_timestamp_seconds\{/m);
      await Deno.rename(`${directory}/store`, `${directory}/away`);
      assert.notEqual((await vaultik(argv)).code, 0);
      assert.match(asked.at(-1)!, /^\/uuid\/fail web1: backup failed\nhome: failure$/);
    }),
});

Deno.test({
  name: "a metrics file that cannot be written is a warning",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inDirectory(async (directory) => {
      const argv = await configured(directory, { metrics_file: `${directory}/nowhere/vaultik.prom` });
      const { code, stderr } = await vaultik(argv);
      assert.equal(code, 0);
      assert.match(stderr, /^warning: could not write metrics_file /);
    }),
});

Deno.test({
  name: "a daemon that is stopped while a backup runs tells what came of it before it ends",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inDirectory(async (directory) => {
      const asked: string[] = [];
      const stop = new AbortController();
      await using server = serve(asked, async () => {
        stop.abort(new InterruptedError());
        await delay(100);
        return new Response();
      });
      const healthchecks = `http://127.0.0.1:${server.addr.port}/uuid`;
      const argv = await configured(directory, { notify: { healthchecks }, hooks: { before: "sleep 1" } });
      const { code, stderr } = await vaultik([...argv, "--daemon"], { signal: stop.signal });
      assert.equal(code, 0, stderr);
      assert.match(asked.join("\n"), /^\/uuid\/start \n\/uuid web1: backup done\nhome: success; /);
    }),
});
