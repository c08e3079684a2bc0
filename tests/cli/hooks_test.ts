import assert from "node:assert/strict";
import { EnvironmentError, InterruptedError, UnavailableError } from "../../src/base/errors.ts";
import { withHooks } from "../../src/cli/hooks.ts";
import { parseConfig } from "../../src/config/config.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { SUMMARY } from "../notices/outcomes.ts";
import { inDirectory, vaultik } from "./in_process.ts";

const { recipient } = await generateKeyPair({ postQuantum: false });
const DEFAULTS = { hostname: "web1", indexPath: "/var/lib/vaultik/index.sqlite", cores: 2 };

/** Commands that write down when they run, and with what. */
function logging(log: string, name: string) {
  const line =
    `${name}-$VAULTIK_HOOK $VAULTIK_SNAPSHOT $VAULTIK_STATUS $VAULTIK_EXIT_CODE $VAULTIK_SNAPSHOT_ID`;
  const command = `echo ${line} | sed 's/ *$//' >> ${log}`;
  return { before: command, after: command, failed: command, finally: command };
}

async function run(
  directory: string,
  change: { hooks?: object; own?: object },
  work: () => Promise<typeof SUMMARY> = () => Promise.resolve(SUMMARY),
  signal = new AbortController().signal,
) {
  const log = `${directory}/log`;
  const config = parseConfig(
    {
      age_recipients: [recipient],
      snapshots: { home: { paths: ["/home", "/srv"], hooks: { ...logging(log, "own"), ...change.own } } },
      hooks: { ...logging(log, "all"), ...change.hooks },
      storage_url: "file:///srv/backup",
    },
    "c.yml",
    DEFAULTS,
  );
  const warnings: string[] = [];
  const report = (event: { kind: string; text?: string }) =>
    void warnings.push(`${event.kind}: ${event.text}`);
  const call = { config, report, signal, options: {} };
  const result = await withHooks("home", call, work).catch((error: unknown) => error);
  const lines = (await Deno.readTextFile(log)).trimEnd().split("\n");
  return { result, warnings, lines };
}

Deno.test("hooks run around a backup, those of all source sets outside, and learn how it ended", () =>
  inDirectory(async (directory) => {
    const { result, warnings, lines } = await run(directory, {});
    assert.equal(result, SUMMARY);
    assert.deepEqual(warnings, []);
    const good = `home success 0 ${SUMMARY.id}`;
    assert.deepEqual(lines, [
      "all-before home",
      "own-before home",
      `own-after ${good}`,
      `own-finally ${good}`,
      `all-after ${good}`,
      `all-finally ${good}`,
    ]);
  }));

Deno.test("a suspicious snapshot is a warning to hooks", () =>
  inDirectory(async (directory) => {
    const suspicious = { ...SUMMARY, suspicious: [{ path: "/home", reason: "is empty" }] };
    const { lines } = await run(directory, {}, () => Promise.resolve(suspicious));
    assert.equal(lines[2], `own-after home warning 3 ${SUMMARY.id}`);
  }));

Deno.test("a backup that fails runs failed and finally, and its error is its own", () =>
  inDirectory(async (directory) => {
    const error = new UnavailableError("Cannot reach the store");
    const { result, lines } = await run(
      directory,
      { own: { failed: ["exit 1", "exit 2"] } },
      () => Promise.reject(error),
    );
    assert.equal(result, error);
    assert.deepEqual(lines, [
      "all-before home",
      "own-before home",
      "own-finally home failure 6",
      "all-failed home failure 6",
      "all-finally home failure 6",
    ]);
  }));

Deno.test("whatever is in the error of a backup that fails, its hooks run", () =>
  inDirectory(async (directory) => {
    for (const said of ["a\0b", "a".repeat(200_000)]) {
      const error = new UnavailableError(`Cannot reach the store: ${said}`);
      const own = { failed: `echo "$VAULTIK_ERROR" | cut -c 1-25 > ${directory}/said` };
      const { result, warnings, lines } = await run(directory, { own }, () => Promise.reject(error));
      assert.equal(result, error);
      assert.deepEqual([warnings, lines.at(-1)], [[], "all-finally home failure 6"]);
      assert.match(await Deno.readTextFile(`${directory}/said`), /^Cannot reach the store: a\n$/);
      await Deno.remove(`${directory}/log`);
    }
  }));

Deno.test("hooks that cannot be started are warnings, of a backup that is made as of one that is not", () =>
  inDirectory(async (directory) => {
    const tooLong = { after: `true ${"x".repeat(200_000)}`, failed: `true ${"x".repeat(200_000)}` };
    const made = await run(directory, { own: tooLong });
    assert.equal(made.result, SUMMARY);
    assert.match(made.warnings.join(), /^warning: the hook "after" of home cannot be started: /);
    assert.ok(made.lines.includes(`own-finally home success 0 ${SUMMARY.id}`));
    const error = new UnavailableError("Cannot reach the store");
    const failed = await run(directory, { own: tooLong }, () => Promise.reject(error));
    assert.equal(failed.result, error);
    assert.match(failed.warnings.join(), /^warning: the hook "failed" of home cannot be started: /);
    const before = await run(directory, { own: { before: `true ${"x".repeat(200_000)}` } });
    assert.ok(before.result instanceof EnvironmentError);
    assert.match(before.result.message, /^Cannot back up home: its hook "before" cannot be started: /);
  }));

Deno.test("a before that fails stops the backup; what it printed is said", () =>
  inDirectory(async (directory) => {
    let isBackedUp = false;
    const before = ["echo no space >&2; exit 3", "echo never"];
    const { result, lines } = await run(directory, { own: { before } }, () => {
      isBackedUp = true;
      return Promise.resolve(SUMMARY);
    });
    assert.ok(result instanceof EnvironmentError);
    assert.equal(result.message, 'Cannot back up home: its hook "before" ended with 3: no space');
    assert.equal(isBackedUp, false);
    assert.deepEqual(lines.slice(1), [
      "own-failed home failure 1",
      "own-finally home failure 1",
      "all-failed home failure 1",
      "all-finally home failure 1",
    ]);
  }));

Deno.test("other hooks that fail are warnings, and the next ones run", () =>
  inDirectory(async (directory) => {
    const own = { after: ["exit 7", "echo again; exit 8"] };
    const { result, warnings, lines } = await run(directory, { own });
    assert.equal(result, SUMMARY);
    assert.deepEqual(warnings, [
      'warning: the hook "after" of home ended with 7',
      'warning: the hook "after" of home ended with 8: again',
    ]);
    assert.match(lines.at(-1)!, /^all-finally home success 0/);
  }));

Deno.test("a hook that hangs is killed with all that it has started", () =>
  inDirectory(async (directory) => {
    const pid = `${directory}/pid`;
    const hangs = `sleep 600 & echo $! > ${pid}; wait`;
    const { result } = await run(directory, { own: { before: hangs, timeout: "1s" } });
    assert.match((result as Error).message, /its hook "before" took longer than 1s and was killed$/);
    const child = Number(await Deno.readTextFile(pid));
    const state = await Deno.readTextFile(`/proc/${child}/stat`).catch(() => "gone");
    assert.ok(state === "gone" || / Z /.test(state), state);
  }));

Deno.test("what a hook leaves running does not hold up the backup", () =>
  inDirectory(async (directory) => {
    const pid = `${directory}/pid`;
    const { result } = await run(directory, { own: { before: `sleep 600 & echo $! > ${pid}` } });
    assert.equal(result, SUMMARY);
    Deno.kill(Number(await Deno.readTextFile(pid)), "SIGKILL");
  }));

Deno.test("an interruption ends before, and what cleans up still runs", () =>
  inDirectory(async (directory) => {
    const abort = new AbortController();
    const interrupted = new InterruptedError();
    abort.abort(interrupted);
    const { result, lines } = await run(directory, {}, undefined, abort.signal).catch((error) => ({
      result: error,
      lines: [],
    }));
    assert.equal(result, interrupted);
    assert.match(lines.at(-1)!, /^all-finally home failure 130$/);
  }));

Deno.test({
  name: "a hook makes what is backed up; a configuration that others may write has no hooks",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    inDirectory(async (directory) => {
      const config = {
        age_recipients: [recipient],
        index_path: `${directory}/index.sqlite`,
        snapshots: {
          home: {
            paths: [`${directory}/tree`],
            hooks: { before: `mkdir ${directory}/tree; date > ${directory}/tree/a` },
          },
        },
        storage_url: `file://${directory}/store`,
      };
      const file = `${directory}/c.yml`;
      await Deno.writeTextFile(file, JSON.stringify(config));
      await Deno.chmod(file, 0o620);
      const argv = ["--config", file, "snapshot", "create"];
      const refused = await vaultik(argv);
      assert.equal(refused.code, 2);
      assert.match(
        refused.stderr,
        /has commands, and others than its owner may write to it; do: chmod go-w /,
      );
      await Deno.chmod(file, 0o644);
      const made = await vaultik(argv);
      assert.equal(made.code, 0, made.stderr);
      assert.match(made.stdout, /1 files/);
    }),
});
