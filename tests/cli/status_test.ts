import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { atLeast } from "../../src/base/at_least.ts";
import { InterruptedError } from "../../src/base/errors.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { inDirectory, vaultik } from "./in_process.ts";
import { makeHost } from "./one_host.ts";

const { recipient } = await generateKeyPair({ postQuantum: false });

/** A host that backs up to the store of `directory`. */
function host(directory: string, hostname: string): Promise<string> {
  return makeHost(directory, hostname, { recipient, files: 3, run: vaultik });
}

/** What Nagios' guidelines demand of a first line. */
const NAGIOS =
  /^VAULTIK (OK|WARNING|CRITICAL|UNKNOWN) - [^|]+?(?: \| '[^'=]+'=\d+s;\d+;\d+;0;(?: '[^'=]+'=\d+s;\d+;\d+;0;)*)?$/;

Deno.test({
  name: "status shows every host without a key, and --check speaks to Nagios",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inDirectory(async (directory) => {
      const [web1, web2] = [await host(directory, "web1"), await host(directory, "web2")];
      const check = async (...argv: string[]) => {
        const { code, stdout } = await vaultik(["--config", web1, "status", "--check", ...argv]);
        const [line, ...rest] = atLeast(1, stdout.trimEnd().split("\n"));
        assert.match(line, NAGIOS);
        return { code, line, rest };
      };
      const good = await check();
      assert.equal(good.code, 0);
      assert.match(good.line, /^VAULTIK OK - 2 source sets of 2 hosts, all backed up \| /);
      assert.match(good.line, /'web1\/home'=\d+s;93600;180000;0;/);
      const shown = await vaultik(["--config", web1, "status"]);
      assert.equal(shown.code, 0);
      assert.match(shown.stdout, /^web1 +home +ok /m);
      const { sets, state } = JSON.parse((await vaultik(["--config", web1, "status", "--json"])).stdout);
      assert.deepEqual([state, sets.length, sets[0].week_growth_bytes], ["ok", 2, undefined]);

      // Only age can be wrong of a run that was just now.
      const old = await check("--warn", "1ms", "--crit", "1h");
      assert.equal(old.code, 1);
      assert.match(
        old.line,
        /^VAULTIK WARNING - \S+\/\w+: the last good snapshot is .* old \(and 1 more\) \|/,
      );
      assert.equal(old.rest.length, 2);
      assert.equal((await check("--warn", "1ms", "--crit", "1ms")).code, 2);

      for (let i = 0; i < 3; i++) await Deno.remove(`${directory}/web2/${i}`);
      assert.equal((await vaultik(["--config", web2, "snapshot", "create", "--cron"])).code, 3);
      const suspicious = await check();
      assert.equal(suspicious.code, 1);
      assert.match(suspicious.line, /: \S+ is suspicious \|/);
      const accepted = await vaultik(["--config", web2, "snapshot", "accept", "latest"]);
      assert.equal(accepted.code, 0, accepted.stderr);
      assert.equal((await check()).code, 0);
      assert.equal((await vaultik(["--config", web2, "snapshot", "create", "--cron"])).code, 0);
      assert.equal((await check("--host", "web1")).code, 0);

      const nowhere = await check("--host", "nowhere");
      assert.equal(nowhere.code, 3);
      assert.match(nowhere.line, /^VAULTIK UNKNOWN - Cannot find host "nowhere"/);
      await Deno.remove(`${directory}/store`, { recursive: true });
      assert.equal((await check()).code, 3);
      assert.equal((await check("--warn", "2d", "--crit", "1d")).code, 3);
      const gone = await vaultik(["--config", web1, "status"]);
      assert.equal(gone.code, 2);
      assert.match(gone.stderr, /mounted/);
    }),
});

Deno.test({
  name: "a host whose manifest is damaged is critical",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inDirectory(async (directory) => {
      const web1 = await host(directory, "web1");
      const [{ name: id }] = atLeast(1, [...Deno.readDirSync(`${directory}/store/hosts`)]);
      const snapshots = `${directory}/store/hosts/${id}/snapshots`;
      const [{ name: snapshot }] = atLeast(1, [...Deno.readDirSync(snapshots)]);
      await Deno.writeTextFile(`${snapshots}/${snapshot}/manifest.json.zst`, "rubbish");
      const { code, stdout } = await vaultik(["--config", web1, "status", "--check"]);
      assert.equal(code, 2, stdout);
      assert.match(stdout, /^VAULTIK CRITICAL - \S+: damaged manifests: \S+\n$/);
    }),
});

Deno.test({
  name: "status --watch shows it again and again until it is stopped",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inDirectory(async (directory) => {
      const web1 = await host(directory, "web1");
      const stop = new AbortController();
      let shown = 0;
      const onStdout = (text: string) => {
        if (text.includes('"state":"ok"') && ++shown === 3) stop.abort(new InterruptedError());
      };
      const { code } = await vaultik(["--config", web1, "status", "--json", "--watch", "1s"], {
        signal: stop.signal,
        onStdout,
      });
      assert.deepEqual([code, shown], [130, 3]);
      assert.equal((await vaultik(["--config", web1, "status", "--watch", "--check"])).code, 2);
      assert.equal((await vaultik(["--config", web1, "status", "--watch", "soon"])).code, 2);
    }),
});
