import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { HANG_MS, STANDSTILL_MS, Watchdog } from "../../src/daemon/watchdog.ts";

const MINUTE = 60_000;

/** A watchdog with a clock that goes on only when it is moved. */
class Watched {
  readonly said: string[] = [];
  /** For how many seconds the kernel waits; 0 when it does not. */
  alarm = 0;
  progress = 0;
  isStopped = false;
  #nowMs = 0;
  #look = () => {};
  #everyMs = 0;
  readonly watchdog = new Watchdog({
    nowMs: () => this.#nowMs,
    progress: () => this.progress,
    every: (ms, look) => {
      [this.#everyMs, this.#look] = [ms, look];
      return () => void (this.isStopped = true);
    },
    endUnlessCalledWithin: (seconds) => void (this.alarm = seconds),
    end: (text) => void this.said.push(text),
  });

  /** Time goes on, and something moves every `movesMs`. */
  pass(ms: number, movesMs = Infinity): void {
    for (let sinceMs = 0; ms > 0; ms -= this.#everyMs) {
      this.#nowMs += this.#everyMs;
      sinceMs += this.#everyMs;
      if (sinceMs >= movesMs) {
        this.progress++;
        sinceMs = 0;
      }
      this.#look();
    }
  }

  /** The process stands still, as one that was stopped by a signal. */
  stop(ms: number): void {
    this.#nowMs += ms;
    this.#look();
  }
}

Deno.test("a run in which nothing moves ends the process, and says why", () => {
  const watched = new Watched();
  using _ = watched.watchdog.watch();
  watched.pass(HANG_MS - MINUTE);
  assert.deepEqual(watched.said, []);
  watched.pass(MINUTE);
  assert.match(watched.said[0]!, /^Cannot go on: nothing has moved for 30m.*; the process ends$/);
});

Deno.test("a run that is slow is no hang, however long it takes", () => {
  const watched = new Watched();
  using _ = watched.watchdog.watch();
  watched.pass(7 * 24 * 60 * MINUTE, HANG_MS - MINUTE);
  assert.deepEqual(watched.said, []);
});

Deno.test("a daemon that waits for its next run is no hang, and what it waited does not count for the run", () => {
  const watched = new Watched();
  watched.pass(10 * HANG_MS);
  {
    using _ = watched.watchdog.watch();
    watched.pass(HANG_MS - MINUTE);
  }
  watched.pass(10 * HANG_MS);
  using _ = watched.watchdog.watch();
  watched.pass(HANG_MS - MINUTE);
  assert.deepEqual(watched.said, []);
});

Deno.test("time in which the process was stopped, or the machine slept, does not count", () => {
  const watched = new Watched();
  using _ = watched.watchdog.watch();
  for (let i = 0; i < 10; i++) watched.stop(HANG_MS);
  assert.deepEqual(watched.said, []);
});

Deno.test("the kernel watches over the event loop as long as the watchdog lives", () => {
  const watched = new Watched();
  assert.equal(watched.alarm, STANDSTILL_MS / 1000);
  watched.alarm = 1;
  watched.pass(MINUTE);
  assert.equal(watched.alarm, STANDSTILL_MS / 1000);
  watched.watchdog[Symbol.dispose]();
  assert.deepEqual([watched.alarm, watched.isStopped], [0, true]);
});

const SCRIPT = fileURLToPath(new URL("./hanging.ts", import.meta.url));

function start(how: string): Deno.ChildProcess {
  const args = ["run", "-A", "--no-check", "--quiet", SCRIPT, how];
  return new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "null" }).spawn();
}

/** Waits until the kernel watches over the process. */
async function untilWatched(process: Deno.ChildProcess): Promise<void> {
  const reader = process.stdout.getReader();
  await reader.read();
  reader.releaseLock();
}

Deno.test("a process that is asked to end does so, whatever its threads do", async () => {
  assert.equal((await start("is asked to end").output()).code, 1);
});

Deno.test("a process that stands still is asked once more, and then ends, whatever its threads do", async () => {
  const process = start("stands still");
  await untilWatched(process);
  const dead = process.status;
  process.kill("SIGALRM");
  // The kernel sends the next one after 14 seconds; signals that come together count as one.
  const timer = setInterval(
    () => new Deno.Command("kill", { args: ["-ALRM", String(process.pid)] }).outputSync(),
    200,
  );
  await dead;
  clearInterval(timer);
  assert.equal((await dead).signal, "SIGALRM");
  await process.stdout.cancel();
});

Deno.test("a process that was stopped for longer than the kernel waits goes on", async () => {
  const process = start("lives");
  await untilWatched(process);
  process.kill("SIGSTOP");
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  process.kill("SIGCONT");
  await new Promise((resolve) => setTimeout(resolve, 500));
  process.kill("SIGTERM");
  assert.equal((await process.status).signal, "SIGTERM");
  await process.stdout.cancel();
});
