import assert from "node:assert/strict";
import { programWords } from "../e2e/vaultik.ts";
import { DrilledHost } from "./drilled_host.ts";
import { inDirectory } from "./in_process.ts";

interface Line {
  readonly time: string;
  readonly level: string;
  readonly message: string;
}

Deno.test("with log_format: json each message is a line of JSON, also that of an error; a result stays what it is", () =>
  inDirectory(async (directory) => {
    const host = await DrilledHost.make(directory, { log_format: "json" });
    await host.configure({ snapshots: { home: { paths: [`${directory}/tree`, `${directory}/none`] } } });
    const made = await host.run(["snapshot", "create", "--json"]);
    assert.equal(made.code, 3);
    const lines = made.stderr.trimEnd().split("\n").map((line): Line => JSON.parse(line));
    assert.ok(lines.some(({ level, message }) => level === "error" && message.includes(`${directory}/none`)));
    assert.ok(lines.some(({ level, message }) => level === "warning" && message.startsWith("INCOMPLETE:")));
    assert.equal(JSON.parse(made.stdout).incomplete, true);
    const failed = await host.run(["snapshot", "create", "nonsense"]);
    assert.equal(failed.code, 2);
    const { level, message } = JSON.parse(failed.stderr.trimEnd()) as Line;
    assert.deepEqual([level, message.split(":")[0]], ["error", "vaultik"]);
    const seen = await host.run(["snapshot", "create", "nonsense"], { isTerminal: true });
    assert.match(seen.stderr, /^vaultik: Cannot back up/);
  }));

Deno.test("where messages go to journald they have priorities, and nowhere else", () =>
  inDirectory(async (directory) => {
    const host = await DrilledHost.make(directory);
    const [program, ...args] = programWords();
    const log = await Deno.open(`${directory}/log`, { write: true, create: true });
    const { dev, ino } = await log.stat();
    log.close();
    const config = `${host.directory}/config.yml`;
    const words = [program!, ...args, "--config", config, "snapshot", "create", "nonsense"];
    for (const [stream, expected] of [[`${dev}:${ino}`, /^<3>vaultik: /], ["1:1", /^vaultik: /]] as const) {
      const script = `exec "$@" 2> ${directory}/log`;
      const { code } = await new Deno.Command("sh", {
        args: ["-c", script, "sh", ...words],
        env: { JOURNAL_STREAM: stream },
      }).output();
      assert.equal(code, 2);
      assert.match(await Deno.readTextFile(`${directory}/log`), expected);
    }
  }));
