import assert from "node:assert/strict";
import { UsageError } from "../../src/base/errors.ts";
import { silent } from "../../src/report/events.ts";
import { openS3Store } from "../../src/store/s3.ts";
import { retrying } from "../../src/store/retrying.ts";
import type { ObjectStore } from "../../src/store/store.ts";
import { type RawRequest, reply, serveRaw } from "../fixtures/raw_server.ts";
import { locationAt } from "../fixtures/s3_server.ts";
import { headerOf, POLICY } from "./recorded_requests.ts";
import { text } from "./objects.ts";

// For a process of its own: the environment is that of all threads.

const CLEARED = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"];

interface Case {
  /** Of the environment: where credentials are to be found. */
  readonly found: Readonly<Record<string, string>>;
  readonly answer?: (request: RawRequest, key: string) => Promise<void>;
  /** `keys`: which access key each request came with. */
  readonly prove: (store: ObjectStore, keys: string[]) => Promise<void>;
}

/** A store whose credentials are found in the environment. */
async function withFound({ found, answer, prove }: Case): Promise<void> {
  const keys: string[] = [];
  await using server = serveRaw((request) => {
    const key = /Credential=([^/]*)/.exec(headerOf(request, "authorization")!)![1]!;
    keys.push(key);
    return answer?.(request, key) ?? reply(request, 200, "");
  });
  const names = [...CLEARED, ...Object.keys(found)];
  const before = new Map(names.map((name) => [name, Deno.env.get(name)]));
  for (const name of CLEARED) Deno.env.delete(name);
  for (const [name, value] of Object.entries(found)) Deno.env.set(name, value);
  try {
    const noKeys = { accessKeyId: undefined, secretAccessKey: undefined };
    const inner = await openS3Store({ ...locationAt(server.endpoint), ...noKeys });
    await using store = retrying(inner, silent, { policy: { ...POLICY, maxDelayMs: 200 } });
    await prove(store, keys);
  } finally {
    for (const [name, value] of before) {
      value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
    }
  }
}

function foundTest(name: string, run: () => Promise<void>): void {
  Deno.test({ name: `S3Store: ${name}`, sanitizeOps: false, sanitizeResources: false, fn: run });
}

/** A file of credentials, and what writes others into it. */
async function withFile(run: (file: string, write: (key: string) => void) => Promise<void>): Promise<void> {
  const file = await Deno.makeTempFile({ prefix: "vaultik-credentials-" });
  const write = (key: string) =>
    Deno.writeTextFileSync(file, `[default]\naws_access_key_id=${key}\naws_secret_access_key=SECRETTEST\n`);
  try {
    await run(file, write);
  } finally {
    await Deno.remove(file);
  }
}

foundTest(
  "credentials that were found are looked for again when they ended, once",
  () =>
    withFile(async (file, write) => {
      write("AKIDOLD");
      await withFound({
        found: { AWS_SHARED_CREDENTIALS_FILE: file },
        answer: (request, key) => {
          write("AKIDNEW");
          return key === "AKIDNEW"
            ? reply(request, 200, "")
            : reply(request, 400, "<Error><Code>ExpiredToken</Code></Error>");
        },
        prove: async (store, keys) => {
          await store.put("a", text("x"));
          assert.deepEqual(keys, ["AKIDOLD", "AKIDNEW"]);
          await store.put("a", text("x"));
          assert.equal(keys.length, 3);
        },
      });
    }),
);

foundTest(
  "credentials that ended are looked for again when a HEAD finds it out, whose answer has no words",
  () =>
    withFile(async (file, write) => {
      write("AKIDOLD");
      let hasEnded = false;
      await withFound({
        found: { AWS_SHARED_CREDENTIALS_FILE: file },
        answer: (request, key) =>
          hasEnded && key === "AKIDOLD"
            ? reply(request, 400, "<Error><Code>ExpiredToken</Code></Error>")
            : reply(request, 200, ""),
        prove: async (store, keys) => {
          await store.put("a", text("x"));
          hasEnded = true;
          write("AKIDNEW");
          assert.equal(await store.cold!.temperature("a"), "warm");
          assert.deepEqual(keys, ["AKIDOLD", "AKIDOLD", "AKIDNEW"]);
        },
      });
    }),
);

/** What the service answers, and how often: the SDK asks a few times before it gives up. */
const AWAY: Record<string, readonly [() => Response, number]> = {
  "is away for a moment": [() => new Response("busy", { status: 500 }), 14],
  "answers something else for a moment": [() => new Response("<html>", { status: 200 }), 4],
};

for (const [what, [away, times]] of Object.entries(AWAY)) {
  foundTest(`a run goes on when the service that renews its credentials ${what}`, async () => {
    let asked = 0;
    const service = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
      asked++;
      if (asked > 1 && asked <= 1 + times) return away();
      const Expiration = new Date(Date.now() + (asked === 1 ? 500 : 3_600_000)).toISOString();
      return Response.json({ AccessKeyId: `AKID${asked}`, SecretAccessKey: "S", Token: "T", Expiration });
    });
    await withFound({
      found: {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${service.addr.port}/`,
        AWS_SHARED_CREDENTIALS_FILE: "/no/such/file",
        AWS_CONFIG_FILE: "/no/such/file",
      },
      prove: async (store, keys) => {
        await store.put("a", text("x"));
        await new Promise((resolve) => setTimeout(resolve, 600));
        await store.put("b", text("x"));
        assert.equal(keys[0], "AKID1");
        assert.ok(keys.length === 2 && Number(keys[1]!.slice(4)) > 1 + times, `asked with ${keys}`);
      },
    });
    await service.shutdown();
  });
}

foundTest("a run that never had credentials says so at once", () =>
  withFound({
    found: {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:1/",
      AWS_SHARED_CREDENTIALS_FILE: "/no/such/file",
      AWS_CONFIG_FILE: "/no/such/file",
    },
    prove: async (store, keys) => {
      await assert.rejects(store.put("a", text("x")), (error: Error) => {
        assert.ok(error instanceof UsageError, Deno.inspect(error));
        assert.match(error.message, /no credentials for bucket/);
        return true;
      });
      assert.equal(keys.length, 0);
    },
  }));
