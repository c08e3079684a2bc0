import assert from "node:assert/strict";
import { ExistsError, UnavailableError, UsageError } from "../../src/base/errors.ts";
import { silent } from "../../src/report/events.ts";
import { retrying } from "../../src/store/retrying.ts";
import { openS3Store } from "../../src/store/s3.ts";
import type { ObjectStore } from "../../src/store/store.ts";
import { type RawRequest as Request, reply, serveRaw as serve, write } from "../fixtures/raw_server.ts";
import { locationAt } from "../fixtures/s3_server.ts";
import { collect, noise, sha256, text } from "./objects.ts";

const IDLE_LIMIT_MS = 500;
const LARGE = noise(6 << 20);
/** More than the sockets of both ends hold: on some systems 36 MiB. */
const HUGE = noise(96 << 20);

const calls: Record<string, (store: ObjectStore, signal?: AbortSignal) => Promise<unknown>> = {
  "size()": (store, signal) => store.size("a", { signal }),
  "get()": (store, signal) => store.get("a", { signal }),
  "list()": (store, signal) => collect(store.list("", { signal })),
  "a small put()": (store, signal) => store.put("a", text("x"), { signal }),
  "a large put()": (store, signal) => store.put("a", LARGE, { signal }),
  "remove()": (store, signal) => store.remove("a", { signal }),
};

for (const [verb, call] of Object.entries(calls)) {
  serverTest(`${verb} on a server that takes the request and stays silent is unavailable`, {
    answer: () => new Promise(() => {}),
    prove: async (store) => {
      await assert.rejects(call(store), isUnavailable(/nothing moved for 0.5 s/));
    },
  });

  serverTest(`${verb} on a silent server ends when the signal fires`, {
    answer: () => new Promise(() => {}),
    prove: async (store) => {
      const reason = new Error("stop");
      const controller = new AbortController();
      const timer = setTimeout(() => controller.abort(reason), 50);
      await assert.rejects(call(store, controller.signal), (error) => error === reason);
      clearTimeout(timer);
    },
  });

  serverTest(`${verb} on a server that hangs up is unavailable`, {
    answer: ({ connection }) => Promise.resolve(connection.close()),
    prove: async (store) => {
      await assert.rejects(call(store), isUnavailable(/Cannot \w/));
    },
  });

  serverTest(`${verb} on a server that asks to slow down is unavailable`, {
    answer: (request) => reply(request, 503, "<Error><Code>SlowDown</Code></Error>"),
    prove: async (store) => {
      await assert.rejects(call(store), isUnavailable(/answered 503/));
    },
  });

  Deno.test({
    name: `S3Store: ${verb} where no one listens is unavailable`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await using store = await openS3Store(locationAt("http://127.0.0.1:1"), { idleLimitMs: 5000 });
      await assert.rejects(call(store), isUnavailable(/127\.0\.0\.1:1/));
    },
  });
}

for (const verb of ["get()", "list()"]) {
  const head =
    'HTTP/1.1 200 OK\r\netag: "x"\r\ncontent-type: application/xml\r\ncontent-length: 100000\r\n\r\n<ListBucketResult>';

  serverTest(`${verb} of a body that is cut short is unavailable`, {
    answer: async ({ connection }) => {
      await write(connection, head);
      connection.close();
    },
    prove: async (store) => {
      await assert.rejects(calls[verb]!(store), isUnavailable(/Cannot (read|list)/));
    },
  });

  serverTest(`${verb} of a body that stalls is unavailable`, {
    answer: async ({ connection }) => {
      await write(connection, head);
      await new Promise(() => {});
    },
    prove: async (store) => {
      await assert.rejects(calls[verb]!(store), isUnavailable(/nothing moved/));
    },
  });
}

serverTest("get() of a body that is slow but moves succeeds", {
  answer: async ({ connection }) => {
    await write(connection, 'HTTP/1.1 200 OK\r\netag: "x"\r\ncontent-length: 10\r\n\r\n');
    for (let i = 0; i < 10; i++) {
      await pause(100);
      await write(connection, String(i));
    }
  },
  prove: async (store) => assert.deepEqual(await store.get("a"), text("0123456789")),
});

serverTest("a large put() to a server that is slow but reads succeeds", {
  idleLimitMs: 2500,
  answer: async (request) => {
    let received = request.bodyStart.length;
    const buffer = new Uint8Array(1 << 20);
    for (let pauseAt = 0; received < HUGE.length;) {
      if (received >= pauseAt) {
        pauseAt = received + buffer.length;
        await pause(30);
      }
      const count = await request.connection.read(buffer);
      if (count === null) return;
      received += count;
    }
    await reply(request, 200, "", { isBodyRead: true });
  },
  prove: async (store) => await store.put("a", HUGE, { sha256: sha256(HUGE) }),
});

serverTest("a large put() whose connection breaks half-way is unavailable", {
  answer: async ({ connection }) => {
    await connection.read(new Uint8Array(1 << 20));
    connection.close();
  },
  prove: async (store) => {
    await assert.rejects(store.put("a", LARGE), isUnavailable(/Cannot write/));
  },
});

for (
  const [status, body] of [[429, ""], [500, ""], [502, "<html>Bad gateway</html>"], [
    503,
    "nonsense",
  ]] as const
) {
  serverTest(`status ${status} is unavailable, whatever comes with it`, {
    answer: (request) => reply(request, status, body),
    prove: async (store) => {
      for (const call of Object.values(calls)) await assert.rejects(call(store), isUnavailable(/answered/));
    },
  });
}

serverTest("a listing that is not XML is unavailable", {
  answer: (request) => reply(request, 200, "<html><p>Welcome"),
  prove: async (store) => {
    await assert.rejects(collect(store.list("")), isUnavailable(/Cannot list/));
  },
});

serverTest("a friendly page of someone else is unavailable", {
  answer: async (request) => {
    const body = request.method === "HEAD" ? "" : "<html>Welcome!</html>";
    const head =
      "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 21\r\nconnection: close\r\n\r\n";
    await write(request.connection, head + body);
    request.connection.close();
  },
  prove: async (store) => {
    for (const verb of ["size()", "get()", "list()", "a small put()"]) {
      await assert.rejects(calls[verb]!(store), isUnavailable(/not one of S3's|Cannot/), verb);
    }
  },
});

serverTest("a 404 that is not S3's is not absence", {
  answer: (request) => reply(request, 404, "<html>Not found</html>"),
  prove: async (store) => {
    await assert.rejects(store.get("a"), isUsage(/does not answer as S3 does/));
    await assert.rejects(store.size("a"), isUsage(/does not answer as S3 does/));
  },
});

serverTest("a redirect names the region as a thing to check", {
  answer: (request) =>
    reply(request, 301, "<Error><Code>PermanentRedirect</Code></Error>", {
      headers: "location: http://127.0.0.1:1/\r\n",
    }),
  prove: async (store) => {
    for (const call of Object.values(calls)) await assert.rejects(call(store), isUsage(/check the region/));
  },
});

Deno.test({
  name: "S3Store: createOnly is done by HEAD and PUT once a store says that it has no conditional writes",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const seen: string[] = [];
    const objects = new Set<string>();
    await using server = serve(async (request) => {
      const isConditional = /if-none-match/i.test(request.head);
      const path = new URL(request.url, "http://x").pathname;
      seen.push(request.method + (isConditional ? "*" : ""));
      if (isConditional) return await reply(request, 501, "<Error><Code>NotImplemented</Code></Error>");
      if (request.method === "PUT") objects.add(path);
      else if (!objects.has(path)) return await reply(request, 404, "<Error><Code>NoSuchKey</Code></Error>");
      await reply(request, 200, "");
    });
    await using store = await openS3Store(locationAt(server.endpoint));
    await store.put("a", text("x"), { createOnly: true });
    assert.deepEqual(seen.splice(0), ["PUT*", "HEAD", "GET", "PUT"]);
    await store.put("b", text("x"), { createOnly: true });
    assert.deepEqual(seen.splice(0), ["HEAD", "PUT"]);
    await assert.rejects(store.put("b", text("x"), { createOnly: true }), ExistsError);
  },
});

Deno.test({
  name: "S3Store: an upload in parts that the server has forgotten is begun again, not called a mistake",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const seen: string[] = [];
    await using server = serve(async (request) => {
      const query = new URL(request.url, "http://x").searchParams;
      const part = query.get("partNumber");
      seen.push(part === null ? request.method : `part ${part}`);
      if (query.has("uploads")) {
        return await reply(request, 200, `<X><UploadId>${seen.length}</UploadId></X>`);
      }
      const isForgotten = part === "2" && query.get("uploadId") === "1";
      if (isForgotten) return await reply(request, 404, "<Error><Code>NoSuchUpload</Code></Error>");
      await reply(request, 200, request.method === "POST" ? '<X><ETag>"x-2"</ETag></X>' : "");
    });
    const inner = await openS3Store(locationAt(server.endpoint), { multipartFromBytes: 1 << 20 });
    await using store = retrying(inner, silent, { policy: { baseMs: 1 } });
    await store.put("a", noise(7 << 20));
    assert.deepEqual(seen, ["POST", "part 1", "part 2", "DELETE", "POST", "part 1", "part 2", "POST"]);
  },
});

interface Case {
  readonly answer: (request: Request) => Promise<void>;
  readonly prove: (store: ObjectStore) => Promise<void>;
  readonly idleLimitMs?: number;
}

function serverTest(name: string, { answer, prove, idleLimitMs = IDLE_LIMIT_MS }: Case): void {
  Deno.test({
    name: `S3Store: ${name}`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await using server = serve(answer);
      await using store = await openS3Store(locationAt(server.endpoint), { idleLimitMs });
      await prove(store);
    },
  });
}

function isUnavailable(message: RegExp): (error: Error) => boolean {
  return (error) => {
    assert(error instanceof UnavailableError, Deno.inspect(error));
    assert.match(error.message, message);
    return true;
  };
}

function isUsage(message: RegExp): (error: Error) => boolean {
  return (error) => {
    assert(error instanceof UsageError, Deno.inspect(error));
    assert.match(error.message, message);
    return true;
  };
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
