import assert from "node:assert/strict";
import { unreadableAdvice } from "../../src/cli/backup_advice.ts";
import {
  CorruptionError,
  EnvironmentError,
  InterruptedError,
  UnavailableError,
} from "../../src/base/errors.ts";
import { backupOptions } from "../../src/cli/backup_options.ts";
import { chooseSnapshots } from "../../src/cli/choose_snapshots.ts";
import { type CreateOptions, createSnapshots } from "../../src/cli/create_snapshots.ts";
import { Output, type OutputOptions } from "../../src/cli/output.ts";
import { parseConfig } from "../../src/config/config.ts";
import type { BackupOptions, BackupSummary } from "../../src/operations/backup/options.ts";
import { compileExcludes } from "../../src/scan/exclude.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { testIo } from "./in_process.ts";

const { recipient } = await generateKeyPair({ postQuantum: false });
const CONFIG = parseConfig(
  {
    age_recipients: [recipient],
    snapshots: { home: { paths: ["/home"], exclude: ["*.log"] }, etc: { paths: ["/etc"] } },
    exclude: ["*.tmp"],
    storage_url: "file:///srv/back [up]",
  },
  "c.yml",
  { hostname: "web1", indexPath: "/var/lib/vaultik/index.sqlite", cores: 2 },
);

function summary(name: string, unreadable: BackupSummary["unreadable"] = []): BackupSummary {
  return {
    id: `web1_${name}_20260101T000000Z`,
    name,
    hostname: "web1",
    startedAt: "2026-01-01T00:00:00Z",
    finishedAt: "2026-01-01T00:00:01Z",
    durationMs: 1000,
    files: 1234,
    directories: 5,
    others: 0,
    bytes: 2 ** 20,
    filesRead: 1,
    bytesRead: 1024,
    bytesNew: 512,
    growth: [{ path: "/home/a", bytes: 300 }, { path: "/home/b/", bytes: 12 }],
    phases: { prepareMs: 100, readMs: 800, publishMs: 100 },
    blobsUploaded: 1,
    bytesUploaded: 400,
    pages: 1,
    scanned: "all",
    pagesNew: 1,
    suspicious: [],
    unreadable,
    changedWhileRead: 0,
    lostAttributes: 0,
    incomplete: unreadable.length > 0,
  };
}

const UNREADABLE = [{ path: "/etc/shadow", reason: "no right to read it" }];

async function create(
  results: Record<string, BackupSummary | Error>,
  options: CreateOptions & OutputOptions = {},
  signal?: AbortSignal,
) {
  const { io, printed } = testIo({ signal });
  using output = new Output(io, options);
  const backups = chooseSnapshots(CONFIG, Object.keys(results)).map((snapshot) =>
    backupOptions(CONFIG, snapshot)
  );
  const backUp = ({ name }: BackupOptions) => {
    const result = results[name]!;
    return result instanceof Error ? Promise.reject(result) : Promise.resolve(result);
  };
  const code = await createSnapshots(backups, backUp, { io, output, options });
  return { code, ...printed };
}

Deno.test("createSnapshots() says what was done", async () => {
  assert.deepEqual(await create({ home: summary("home") }), {
    code: 0,
    stdout: "web1_home_20260101T000000Z\n  1,234 files, 5 directories, 0 others, 1 MiB\n" +
      "  read 1 file, 1 KiB; new 512 B; sent 400 B (78% of what is new)\n" +
      "  took 1s: 100ms to prepare, 800ms to read and send, 100ms to publish\n" +
      "  most of the 512 B that are new:\n    300 B  /home/a\n     12 B  /home/b/\n",
    stderr: "",
  });
});

Deno.test("createSnapshots() says no share of what is new where more was sent to name it", async () => {
  const { stdout } = await create({ home: { ...summary("home"), bytesUploaded: 6_330 } });
  assert.match(stdout, /; new 512 B; sent 6\.18 KiB\n/);
});

Deno.test("createSnapshots() is silent under cron unless something is wrong", async () => {
  assert.deepEqual(await create({ home: summary("home") }, { cron: true }), {
    code: 0,
    stdout: "",
    stderr: "",
  });
  assert.deepEqual(await create({ home: summary("home", UNREADABLE) }, { cron: true }), {
    code: 3,
    stdout: "",
    stderr: "INCOMPLETE: web1_home_20260101T000000Z lacks 1 file or directory that could not be read:\n" +
      "  /etc/shadow: no right to read it\n" +
      "What to do: run as root, or give the program CAP_DAC_READ_SEARCH; or leave them out by exclude; --skip-errors accepts them\n",
  });
});

Deno.test("who may not read a file on macOS learns of Full Disk Access", () => {
  const unreadable = [{ path: "/Users/ann/Library/Mail", reason: "operation not permitted" }];
  assert.match(unreadableAdvice({ unreadable }, "darwin"), /Full Disk Access \(System Settings/);
});

Deno.test("createSnapshots() lists unreadable files also with --skip-errors, and then returns 0", async () => {
  const { code, stderr } = await create({ home: summary("home", UNREADABLE) }, { skipErrors: true });
  assert.equal(code, 0);
  assert.match(
    stderr,
    /^INCOMPLETE: .*\(accepted by --skip-errors\):\n {2}\/etc\/shadow: no right to read it\n$/,
  );
});

Deno.test("createSnapshots() prints a line of JSON a snapshot", async () => {
  const { code, stdout } = await create({ home: summary("home", UNREADABLE), etc: summary("etc") }, {
    json: true,
  });
  assert.equal(code, 3);
  const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ id, files, incomplete }) => [id, files, incomplete]), [
    ["web1_home_20260101T000000Z", 1234, true],
    ["web1_etc_20260101T000000Z", 1234, false],
  ]);
  assert.deepEqual(lines[0].unreadable, UNREADABLE);
});

Deno.test("createSnapshots() goes on after one that failed and returns the gravest code", async () => {
  const { code, stdout, stderr } = await create({
    home: new UnavailableError("Cannot reach the store"),
    etc: summary("etc", UNREADABLE),
  });
  assert.equal(code, 6);
  assert.match(stdout, /^web1_etc_/);
  assert.match(stderr, /^vaultik: snapshot home: Cannot reach the store\nINCOMPLETE: /);
  assert.equal(
    (await create({ home: new EnvironmentError("Cannot x"), etc: new CorruptionError("Cannot y") })).code,
    1,
  );
});

Deno.test("createSnapshots() stops at once when it is interrupted", async () => {
  const abort = new AbortController();
  const interrupted = new InterruptedError();
  abort.abort(interrupted);
  await assert.rejects(create({ home: summary("home"), etc: summary("etc") }, {}, abort.signal), interrupted);
});

Deno.test("chooseSnapshots() takes all, or each named one once", () => {
  const names = (...wanted: string[]) => chooseSnapshots(CONFIG, wanted).map(({ name }) => name);
  assert.deepEqual(names(), ["home", "etc"]);
  assert.deepEqual(names("etc"), ["etc"]);
  assert.deepEqual(names("etc", "home", "etc"), ["home", "etc"]);
});

Deno.test("backupOptions() leaves out the index and the store itself", () => {
  const { exclude } = backupOptions(CONFIG, CONFIG.snapshots[0]!);
  assert.deepEqual(exclude.slice(0, 2), ["*.tmp", "*.log"]);
  const isExcluded = compileExcludes(exclude);
  assert.ok(isExcluded("/srv/back [up]", true));
  assert.ok(isExcluded("/var/lib/vaultik/index.sqlite", false));
  assert.ok(isExcluded("/var/lib/vaultik/index.sqlite-wal", false));
  assert.ok(!isExcluded("/srv/back u", true));
  assert.ok(isExcluded("/var/lib/vaultik/index.sqlite.old", false));
  assert.ok(isExcluded("/var/lib/vaultik/index.sqlite.cache", true));
  assert.ok(!isExcluded("/var/lib/vaultik/index.sqlite.olds", false));
  assert.ok(!isExcluded("/home/srv/back [up]", true));
});
