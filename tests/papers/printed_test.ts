import assert from "node:assert/strict";
import { join } from "node:path";
import { reportUnreadable } from "../../src/cli/create_snapshots.ts";
import { Output } from "../../src/cli/output.ts";
import { checkLines } from "../../src/cli/status_check.ts";
import { healthOf } from "../../src/model/backup_health.ts";
import { testIo } from "../cli/in_process.ts";
import { ROOT } from "./pages.ts";

const HOUR_MS = 3600 * 1000;
const now = new Date("2026-03-01T04:00:00Z");

/** Lines of a page's blocks that begin so. */
function shownLines(page: string, beginning: string): string[] {
  return Deno.readTextFileSync(join(ROOT, page)).split("\n").map((line) => line.slice(4))
    .filter((line) => line.startsWith(beginning));
}

Deno.test("the line for Nagios that docs/fleet.md shows is one that the program prints", () => {
  const limits = { warnMs: 26 * HOUR_MS, criticalMs: 50 * HOUR_MS };
  const sets = ([["web1", "system", 3811], ["mail", "home", 97_200]] as const).map(
    ([label, name, seconds]) => {
      const finishedAt = new Date(now.getTime() - seconds * 1000).toISOString();
      const snapshot = { id: "id", finishedAt, storedAt: finishedAt, incomplete: false, suspicious: false };
      const health = healthOf([{ ...snapshot, bytes: 1 }], limits, now);
      return {
        ...health,
        host: label,
        label,
        name,
        snapshots: 1,
        newest: "id",
        newestAt: finishedAt,
        bytes: 1,
      };
    },
  );
  const printed = checkLines({ sets, hosts: 2, drills: [], hostProblems: [] }, limits);
  assert.deepEqual(shownLines("docs/fleet.md", "VAULTIK WARNING - "), [printed]);
});

Deno.test("what docs/databases.md shows of a dump that failed is what the program prints", () => {
  const { io, printed } = testIo();
  using output = new Output(io, {});
  const reason = 'stage 1 (pg_dump) ended with 1: FATAL: database "app" does not exist';
  reportUnreadable(
    "20260301T040000Z-abcdefgh-5e0c9b1f",
    [{ path: "/databases/app.sql", reason }],
    output,
    {},
  );
  const shown = ["INCOMPLETE: ", "  /databases/app.sql: "].flatMap((beginning) =>
    shownLines("docs/databases.md", beginning)
  );
  assert.equal(shown.length, 2);
  assert.ok(printed.stderr.startsWith(shown.join("\n") + "\n"), printed.stderr);
});

Deno.test("the query for Prometheus that docs/notices.md shows asks for metrics that the program writes", () => {
  const [query = ""] = shownLines("docs/notices.md", "time() - vaultik_");
  const names = query.match(/vaultik_\w+/g) ?? [];
  assert.equal(names.length, 2);
  const source = Deno.readTextFileSync(join(ROOT, "src/report/metrics.ts"));
  for (const name of names) assert.ok(source.includes(`yield ["${name}"`), name);
});
