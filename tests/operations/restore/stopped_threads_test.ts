import assert from "node:assert/strict";
import { delay } from "../../../src/base/clock.ts";
import { InterruptedError } from "../../../src/base/errors.ts";
import { restore } from "../../../src/operations/restore/restore.ts";
import { openRoot } from "../../../src/platform/beneath.ts";
import { isPortable } from "../../../src/platform/libc.ts";
import { closeFile } from "../../../src/platform/read.ts";
import { KEYS, Machine } from "../machine.ts";

// A thread that is stopped goes on until it has done what it is at, for two seconds at most.
const STOPPED_MS = 2500;
const signal = new AbortController().signal;

const namesIn = (directory: string) => [...Deno.readDirSync(directory)].map(({ name }) => name);

Deno.test({
  name: "threads of a restore that was interrupted write nothing into a directory that is opened next",
  ignore: isPortable,
  async fn() {
    await using machine = await Machine.make();
    for (let i = 0; i < 6000; i++) machine.write(`${i}`, "");
    const { id: snapshotId } = await machine.backUp();
    const [target, other] = ["target", "other"].map((name) => `${machine.directory}/${name}`);
    Deno.mkdirSync(target!);
    Deno.mkdirSync(other!);
    const stop = new AbortController();
    const options = { snapshotId, target: target!, paths: [machine.data], as: "/", writers: 1 };
    const restoring = restore(machine.tools({ signal: stop.signal }), {
      ...options,
      identities: [KEYS.identity],
    });
    const stopped = assert.rejects(restoring, InterruptedError);
    while (namesIn(target!).length < 10) await delay(1, signal);
    stop.abort();
    await stopped;
    const opened = Array.from({ length: 4 }, () => openRoot(other!, false));
    await delay(STOPPED_MS, signal);
    opened.forEach(closeFile);
    assert.deepEqual(namesIn(other!), []);
  },
});

/** What this process has open at or below `directory`. */
function openBelow(directory: string): string[] {
  return [...Deno.readDirSync("/proc/self/fd")].map(({ name }) => linkOf(`/proc/self/fd/${name}`))
    .filter((path) => path === directory || path.startsWith(`${directory}/`));
}

function linkOf(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return ""; // that by which the names were read
  }
}

Deno.test({
  name: "when a restore has ended nothing in its target is open, so that its disk can be unmounted",
  ignore: isPortable,
  async fn() {
    await using machine = await Machine.make();
    for (let i = 0; i < 5; i++) machine.write(`${i}/file`);
    const { target } = await machine.restore(await machine.backUp());
    assert.deepEqual(openBelow(target), []);
  },
});
