import assert from "node:assert/strict";
import { type MeasuredSet, type MetricsOptions, metricsText } from "../../src/report/metrics.ts";
import { withDrill } from "../../src/report/drill_metrics.ts";
import { hasProgram } from "../e2e/vaultik.ts";
import { SUMMARY } from "../notices/outcomes.ts";
import { DRILL } from "./drill_summary.ts";
import { strict } from "./strict_metrics.ts";

const OPTIONS: MetricsOptions = {
  hostname: "web1",
  now: new Date("2026-01-01T00:00:06Z"),
  expectedIntervalMs: 86_400_000,
  isRestic: false,
  version: "1.2.3",
  names: ["home", "etc"],
};
const set = (name: string, change: Partial<MeasuredSet> = {}): MeasuredSet => ({
  name,
  paths: [`/${name}`],
  status: "success",
  summary: { ...SUMMARY, name },
  ...change,
});

const of = (samples: Map<string, number>, metric: string, name: string) =>
  samples.get(`${metric}{host="web1",snapshot="${name}"}`);

Deno.test("metricsText() has a number for each thing that is measured", () => {
  const samples = strict(metricsText("", [set("home")], OPTIONS));
  assert.deepEqual(Object.fromEntries([...samples].map(([key, value]) => [key.replace(/\{.*/, ""), value])), {
    vaultik_backup_status: 2,
    vaultik_backup_last_run_timestamp_seconds: 1767225606,
    vaultik_backup_last_success_timestamp_seconds: 1767225605,
    vaultik_backup_duration_seconds: 5.5,
    vaultik_backup_files: 100,
    vaultik_backup_size_bytes: 4096,
    vaultik_backup_files_new: 8,
    vaultik_backup_files_changed: 5,
    vaultik_backup_files_gone: 3,
    vaultik_backup_files_unreadable: 0,
    vaultik_backup_excluded: 7,
    vaultik_backup_data_read_bytes: 2048,
    vaultik_backup_data_new_bytes: 1024,
    vaultik_backup_data_added_bytes: 512,
    vaultik_backup_incomplete: 0,
    vaultik_backup_suspicious: 0,
    vaultik_expected_interval_seconds: 86400,
  });
});

Deno.test("a run that failed keeps what the last snapshot was, and when the last good one was", () => {
  const good = metricsText("", [set("home")], OPTIONS);
  const later = { ...OPTIONS, now: new Date("2026-01-02T00:00:00Z") };
  const failed = strict(metricsText(good, [set("home", { status: "failure", summary: undefined })], later));
  assert.equal(of(failed, "vaultik_backup_status", "home"), 0);
  assert.equal(of(failed, "vaultik_backup_last_run_timestamp_seconds", "home"), 1767312000);
  assert.equal(of(failed, "vaultik_backup_last_success_timestamp_seconds", "home"), 1767225605);
  assert.equal(of(failed, "vaultik_backup_files", "home"), 100);
  const suspicious = {
    ...SUMMARY,
    suspicious: [{ path: "/", reason: "x" }],
    finishedAt: "2026-01-03T00:00:00Z",
  };
  const doubted = strict(metricsText(good, [set("home", { status: "warning", summary: suspicious })], later));
  assert.equal(of(doubted, "vaultik_backup_last_success_timestamp_seconds", "home"), 1767225605);
  assert.equal(of(doubted, "vaultik_backup_suspicious", "home"), 1);
});

Deno.test("source sets that were not run stay, those that are not configured any more go, and rubbish too", () => {
  const both = metricsText("", [set("home"), set("etc")], OPTIONS);
  const one = strict(metricsText(both + "rubbish\nother_metric 1\n", [set("home")], OPTIONS));
  assert.equal(of(one, "vaultik_backup_files", "etc"), 100);
  assert.ok(!one.has("other_metric"));
  const gone = strict(metricsText(both, [set("home")], { ...OPTIONS, names: ["home"] }));
  assert.equal(of(gone, "vaultik_backup_files", "etc"), undefined);
});

Deno.test("restic's names are there where they are asked for, once for each source set", () => {
  const options = { ...OPTIONS, isRestic: true };
  const paths = ['/a "quoted"', "/b\\c", "/d\ne"];
  const first = metricsText("", [set("home", { paths })], options);
  const again = { ...SUMMARY, id: "20260102T000000Z-abcdefgh-5e0c9b1f", files: 90 };
  const samples = strict(metricsText(first, [set("home", { paths, summary: again })], options));
  const restic = [...samples].filter(([key]) => key.startsWith("restic_"));
  assert.equal(restic.length, 8);
  const labels = 'client_hostname="web1",client_username="",client_version="vaultik 1.2.3",' +
    'snapshot_hash="20260102T000000Z-abcdefgh-5e0c9b1f",snapshot_tag="home",snapshot_tags="home",' +
    'snapshot_paths="/a \\"quoted\\",/b\\\\c,/d\\ne"';
  assert.equal(samples.get(`restic_backup_files_total{${labels}}`), 90);
  assert.equal(samples.get(`restic_backup_files_unmodified{${labels}}`), 77);
  assert.doesNotMatch(metricsText(first, [set("home")], OPTIONS), /restic/);
});

const promtool = Deno.env.get("VAULTIK_TEST_PROMTOOL") ?? "promtool";
const isPromtoolThere = hasProgram(promtool, "--version");

/** What `promtool check metrics` says, which is nothing where all is right. */
async function promtoolSays(text: string): Promise<string> {
  const piped = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  const child = new Deno.Command(promtool, { args: ["check", "metrics"], ...piped }).spawn();
  const input = child.stdin.getWriter();
  await input.write(new TextEncoder().encode(text));
  await input.close();
  const { stdout, stderr } = await child.output();
  return [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
}

Deno.test({
  name: `promtool finds nothing wrong with metrics of backups and drills${
    isPromtoolThere ? "" : " (NOT RUN: there is no promtool; VAULTIK_TEST_PROMTOOL may name it)"
  }`,
  ignore: !isPromtoolThere,
  async fn() {
    const paths = ['/a "quoted"', "/b\\c", "/d\ne"];
    const backups = (isRestic: boolean) =>
      metricsText("", [set("home", { paths }), set("etc", { status: "failure", summary: undefined })], {
        ...OPTIONS,
        isRestic,
      });
    const drilled = withDrill(backups(false), DRILL, "web1");
    assert.equal(await promtoolSays(drilled), "");
    assert.match(
      await promtoolSays(drilled.replace("vaultik_backup_files{", "vaultik_backup_files {{")),
      /error/,
    );
    // restic-exporter's own names are no better: gauges that end with _total.
    const complaints = (await promtoolSays(backups(true))).trim().split("\n");
    assert.deepEqual(complaints.filter((line) => !/^restic_\w+_total non-counter metrics/.test(line)), []);
  },
});
