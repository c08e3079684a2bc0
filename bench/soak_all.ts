import { parseArgs } from "node:util";
import { FaultProxy, FAULTS } from "../tests/fixtures/fault_proxy.ts";
import { seeded } from "../src/base/chance.ts";
import { testSeed } from "../tests/fixtures/random.ts";
import { findVersitygw, startVersitygw } from "../tests/fixtures/s3_server.ts";
import { RunningDaemon } from "../tests/e2e/daemon.ts";
import { Scene } from "../tests/e2e/vaultik.ts";
import { type Sample, type Slope, slopesOf, takeSample } from "./soak_samples.ts";
import { SoakWork } from "./soak_work.ts";

const HELP = `deno task soak-all [--minutes 60] [--pause SECONDS] [--share 0.02]
  A daemon that prunes, and beside it restores, verifies and prunes, on a real S3 server behind a line that spoils a share of all
  requests. Prints by how much memory, descriptors, threads, index and cache grow, and fails where that is more than its bound.
  Slopes are of an hour: a shorter run takes what moves up and down by itself for growth.
  VAULTIK_BINARY names an executable to use.`;
/** Of the whole time, before anything is measured. */
const WARM_UP = 0.25;
const SAMPLE_MS = 5_000;
/** A round that takes longer is reported. */
const SLOW_SECONDS = 60;
/** What a request that gets no answer costs. */
const IDLE_TIMEOUT = "3s";

const SETTINGS = {
  backup_interval: "1m",
  full_scan_interval: "5m",
  min_time_between_run: "0s",
  prune_grace: "4m",
  retention: { keep_last: 6 },
  threads: 1,
};

function number(value: number): string {
  return Math.abs(value) < 10_000 ? value.toFixed(1) : `${(value / 2 ** 20).toFixed(2)} MiB`;
}

function print(slopes: readonly Slope[], samples: number): void {
  console.log(`${samples} samples after the warm-up`);
  console.table(Object.fromEntries(
    slopes.map(({ measure, first, last, largest, perHour, bound, isFlat }) => [
      measure,
      {
        first: number(first),
        last: number(last),
        largest: number(largest),
        "slope an hour": number(perHour),
        bound: number(bound),
        flat: isFlat,
      },
    ]),
  ));
}

/** Samples until `signal` aborts. */
async function sample(pid: number, index: string, signal: AbortSignal): Promise<Sample[]> {
  const samples: Sample[] = [];
  while (!signal.aborted) {
    samples.push(takeSample(pid, index));
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
  }
  return samples;
}

async function soak(minutes: number, pauseMs: number, share: number): Promise<boolean> {
  const seed = testSeed();
  console.log(`VAULTIK_TEST_SEED=${seed}, ${minutes} minutes, ${share} of the requests spoilt`);
  const binary = findVersitygw();
  if (binary === undefined) throw new Error("Cannot find versitygw: .ci/s3-server --install builds it");
  await using server = await startVersitygw(binary);
  await using proxy = new FaultProxy(server.endpoint);
  await using scene = await Scene.open({
    server: { ...server, location: through(server, proxy) },
    prefix: "soak",
  });
  await scene.configure({ ...await settingsOf(scene), ...SETTINGS });
  const work = new SoakWork(scene, seeded(seed));
  await using daemon = await RunningDaemon.ready(scene, ["--prune"]);
  const chance = seeded(seed + 1);
  proxy.choose = () => chance() < share ? FAULTS[Math.floor(chance() * FAULTS.length)] : undefined;
  const end = new AbortController();
  const sampling = sample(daemon.child.pid, scene.index, end.signal);
  for (const endMs = Date.now() + minutes * 60_000; Date.now() < endMs;) {
    const startMs = Date.now();
    await work.round(daemon);
    const seconds = (Date.now() - startMs) / 1000;
    if (seconds > SLOW_SECONDS) {
      console.log(`${new Date().toISOString()} a round took ${seconds.toFixed()} s`);
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  end.abort();
  const samples = await sampling;
  proxy.choose = () => undefined;
  await work.finish(daemon);
  work.print(proxy);
  const measured = samples.slice(Math.floor(samples.length * WARM_UP));
  const slopes = slopesOf(measured);
  print(slopes, measured.length);
  return slopes.every(({ isFlat }) => isFlat) && work.problems.length === 0;
}

/** Where a client finds the server behind the proxy. */
function through(server: { location(prefix: string): object }, proxy: FaultProxy) {
  return (prefix: string) => ({ ...server.location(prefix), endpoint: proxy.endpoint }) as never;
}

async function settingsOf(scene: Scene): Promise<Record<string, unknown>> {
  const settings = JSON.parse(await Deno.readTextFile(scene.config));
  return { ...settings, s3: { ...settings.s3, idle_timeout: IDLE_TIMEOUT } };
}

if (import.meta.main) {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      minutes: { type: "string", default: "60" },
      pause: { type: "string", default: "15" },
      share: { type: "string", default: "0.02" },
      help: { type: "boolean" },
    },
  });
  if (values.help) console.log(HELP);
  else if (!await soak(Number(values.minutes), Number(values.pause) * 1000, Number(values.share))) {
    Deno.exit(1);
  }
}
