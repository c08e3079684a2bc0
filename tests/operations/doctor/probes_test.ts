import assert from "node:assert/strict";
import { UnavailableError } from "../../../src/base/errors.ts";
import { type ProbeResult, probeStore } from "../../../src/operations/doctor/probes.ts";
import { silent } from "../../../src/report/events.ts";
import { MemoryStore } from "../../../src/store/memory.ts";
import { openStore } from "../../../src/store/open.ts";
import { openS3Store } from "../../../src/store/s3.ts";
import type { ObjectStore } from "../../../src/store/store.ts";
import { allowUser, findVersitygw, type S3Server, startVersitygw, USER } from "../../fixtures/s3_server.ts";
import { collect, namesOf } from "../../store/objects.ts";

const binary = findVersitygw();
const named = binary === undefined ? " (versitygw is not installed)" : "";

function tools(store: ObjectStore, now = () => new Date()) {
  return { store, trust: undefined, report: silent, signal: new AbortController().signal, now };
}

function answers(results: readonly ProbeResult[]): Record<string, string> {
  return Object.fromEntries(results.map(({ probe, answer }) => [probe, answer]));
}

const ALL = {
  put: "yes",
  overwrite: "yes",
  "conditional write": "yes",
  list: "yes",
  look: "yes",
  get: "yes",
  checksum: "no",
  clock: "yes",
  delete: "yes",
};

Deno.test("probeStore() finds out what a store can, and leaves nothing behind", async () => {
  const store = new MemoryStore();
  assert.deepEqual(answers(await probeStore(tools(store), {})), ALL);
  assert.deepEqual(await collect(store.list("")), []);
});

Deno.test("probeStore() finds out that create-only writes are ignored", async () => {
  const store = new MemoryStore({ conditionalWrites: "ignore" });
  assert.deepEqual(answers(await probeStore(tools(store), {})), { ...ALL, "conditional write": "no" });
});

Deno.test("probeStore() finds a clock that is wrong", async () => {
  const ahead = () => new Date(Date.now() + 600_000);
  const clock = (await probeStore(tools(new MemoryStore(), ahead), {})).find(({ probe }) =>
    probe === "clock"
  )!;
  assert.deepEqual([clock.answer, clock.detail, clock.judgement], ["no", "they differ by 600 s", "bad"]);
});

Deno.test("probeStore() passes on that the store does not answer", async () => {
  const store = new MemoryStore();
  store.put = () => Promise.reject(new UnavailableError("down"));
  await assert.rejects(probeStore(tools(store), {}), UnavailableError);
});

function versitygwTest(name: string, prove: (server: S3Server) => Promise<void>): void {
  Deno.test({
    name: `${name}${named}`,
    ignore: binary === undefined,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await using server = await startVersitygw(binary!);
      await prove(server);
    },
  });
}

async function probeAs(server: S3Server, credentials: object) {
  const location = { ...server.location("web1"), ...credentials };
  await using store = await openStore(location, silent);
  await using inParts = await openStore(location, silent, { multipartFromBytes: 0 });
  const lock = { mode: "governance", days: 1 / (24 * 60) } as const;
  await using locking = await openStore({ ...location, objectLock: lock }, silent);
  return answers(await probeStore(tools(store), { inParts, locking }));
}

versitygwTest("an administrator's credentials may all", async (server) => {
  assert.deepEqual(await probeAs(server, {}), {
    ...ALL,
    checksum: "yes",
    multipart: "yes",
    "object lock": "no",
  });
  await using store = await openS3Store(server.location(""));
  assert.deepEqual(await namesOf(store.list("")), []);
});

versitygwTest(
  "a source's credentials may add, and what they may not is distinguished, again and again",
  async (server) => {
    await allowUser(server, "web1", { bucket: [], objects: ["s3:PutObject"] });
    const expected = {
      put: "yes",
      overwrite: "yes",
      "conditional write": "yes",
      list: "refused",
      look: "refused",
      get: "refused",
      checksum: "yes",
      multipart: "yes",
      "object lock": "refused",
      clock: "refused",
      delete: "refused",
    };
    for (let time = 0; time < 2; time++) {
      assert.deepEqual(await probeAs(server, USER), expected);
      await using store = await openS3Store(server.location(""));
      assert.deepEqual(await namesOf(store.list("")), [
        "web1/probe/multipart",
        "web1/probe/object",
        "web1/probe/race",
      ]);
    }
  },
);

versitygwTest(
  "credentials without any right are reported as such, and nothing more is tried",
  async (server) => {
    assert.deepEqual(await probeAs(server, USER), { put: "refused" });
  },
);
