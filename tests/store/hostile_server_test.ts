import assert from "node:assert/strict";
import { CorruptionError, RefusedError, UnavailableError, UsageError } from "../../src/base/errors.ts";
import { silent } from "../../src/report/events.ts";
import { retrying } from "../../src/store/retrying.ts";
import { removeObjects } from "../../src/store/remove_objects.ts";
import { openS3Store } from "../../src/store/s3.ts";
import type { ObjectStore } from "../../src/store/store.ts";
import { type RawRequest, reply, serveRaw, write } from "../fixtures/raw_server.ts";
import { locationAt } from "../fixtures/s3_server.ts";
import { collect, noise, text } from "./objects.ts";

const MIB = 1 << 20;
/** What the sockets of both ends may hold beyond what is read. */
const IN_SOCKETS_BYTES = 48 * MIB;
const POLICY = { baseMs: 1, maxDelayMs: 2, limitMs: 50, firstLimitMs: 50 };

interface Case {
  /** Answers a request; `sent` counts what it sends. */
  readonly answer: (request: RawRequest, number: number, sent: { bytes: number }) => Promise<void>;
  readonly prove: (store: ObjectStore) => Promise<void>;
  /** More than that is never taken from the server. */
  readonly mostBytes?: number;
  readonly mostRequests?: number;
}

/** A server that means harm: what is taken from it, and how often it is asked, stays within bounds. */
function hostileTest(
  name: string,
  { answer, prove, mostBytes = IN_SOCKETS_BYTES, mostRequests = 100 }: Case,
) {
  Deno.test({
    name: `S3Store on a hostile server: ${name}`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const sent = { bytes: 0 };
      let requests = 0;
      await using server = serveRaw((request) => answer(request, ++requests, sent));
      const inner = await openS3Store(locationAt(server.endpoint), { idleLimitMs: 5000 });
      await using store = retrying(inner, silent, { policy: POLICY });
      await prove(store);
      assert.ok(sent.bytes <= mostBytes, `${sent.bytes} bytes were taken`);
      assert.ok(requests <= mostRequests, `${requests} requests`);
    },
  });
}

/** Sends `head` and then `piece` until `bytes` are sent, or no one reads any more. */
async function flood(
  { connection }: RawRequest,
  head: string,
  piece: string,
  bytes: number,
  sent: { bytes: number },
): Promise<void> {
  await write(connection, head);
  const block = new TextEncoder().encode(piece.repeat(Math.ceil(MIB / piece.length)));
  for (let left = bytes; left > 0; left -= block.length) {
    for (let done = 0; done < block.length;) {
      const count = await connection.write(block.subarray(done));
      done += count;
      sent.bytes += count;
    }
  }
  connection.close();
}

function ok(length: number): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\ncontent-length: ${length}\r\netag: "x"\r\n\r\n`;
}

const LISTED =
  "<Contents><Key>p/a</Key><Size>1</Size><LastModified>2026-01-01T00:00:00Z</LastModified></Contents>";

function listing(inner: string): string {
  return `<ListBucketResult>${inner}</ListBucketResult>`;
}

hostileTest("a listing of 600 MB is not taken", {
  answer: (request, _, sent) => flood(request, ok(600 * MIB), LISTED, 600 * MIB, sent),
  prove: async (store) => {
    await assert.rejects(
      collect(store.list("")),
      isUsage(/does not answer as S3 does .*longer than 8388608/),
    );
  },
});

hostileTest("200 MB of words about an error are not taken, whatever was asked", {
  answer: (request, _, sent) =>
    flood(request, `HTTP/1.1 403 No\r\ncontent-length: ${200 * MIB}\r\n\r\n`, "no ", 200 * MIB, sent),
  prove: async (store) => {
    const calls = [
      () => store.get("a"),
      () => store.put("a", text("x")),
      () => store.put("a", noise(2 * MIB)),
      () => collect(store.list("")),
    ];
    for (const call of calls) await assert.rejects(call(), isUsage(/refused access/));
  },
  mostBytes: 4 * IN_SOCKETS_BYTES,
});

hostileTest("an answer of 200 MB to a large put() is not taken", {
  answer: async (request, _, sent) => {
    const buffer = new Uint8Array(MIB);
    for (let left = 2 * MIB - request.bodyStart.length; left > 0;) {
      left -= (await request.connection.read(buffer))!;
    }
    await flood(request, ok(200 * MIB), "<a></a>", 200 * MIB, sent);
  },
  prove: async (store) => {
    await assert.rejects(store.put("a", noise(2 * MIB)), isUsage(/longer than/));
  },
});

hostileTest("an object of 20 GiB is refused before it is read", {
  answer: (request, _, sent) => flood(request, ok(20 * 1024 * MIB), "x", 100 * MIB, sent),
  prove: async (store) => {
    await assert.rejects(store.get("a"), (error: Error) => {
      assert.ok(error instanceof CorruptionError, Deno.inspect(error));
      assert.match(error.message, /has 21474836480 bytes, more than 1073741824/);
      return true;
    });
    await assert.rejects(store.get("a", { maxBytes: 1000 }), /more than 1000/);
  },
  mostBytes: 4 * IN_SOCKETS_BYTES,
});

hostileTest("more bytes than a range has are refused", {
  answer: (request, _, sent) =>
    flood(
      request,
      `HTTP/1.1 206 X\r\ncontent-range: bytes 5-99/100\r\ncontent-length: ${100 * MIB}\r\netag: "x"\r\n\r\n`,
      "x",
      100 * MIB,
      sent,
    ),
  prove: async (store) => {
    await assert.rejects(store.get("a", { range: { offset: 5, length: 10 } }), CorruptionError);
  },
  mostBytes: 4 * IN_SOCKETS_BYTES,
});

hostileTest("a listing that gives the same page for ever ends", {
  answer: (request) =>
    reply(
      request,
      200,
      listing(`<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>${LISTED}`),
    ),
  prove: async (store) => {
    await assert.rejects(collect(store.list("")), isUsage(/the same page again and again/));
  },
});

hostileTest("a listing that goes on to other pages without an end, and nothing in them, ends", {
  answer: (request, number) =>
    reply(
      request,
      200,
      listing(
        `<IsTruncated>true</IsTruncated><NextContinuationToken>${number}</NextContinuationToken>`,
      ),
    ),
  prove: async (store) => {
    await assert.rejects(collect(store.list("")), isUsage(/the same page again and again/));
  },
  mostRequests: 1_100,
});

hostileTest("a store that sends us from region to region is not followed for ever", {
  answer: (request, number) =>
    reply(request, 301, "<Error><Code>PermanentRedirect</Code></Error>", {
      headers: `x-amz-bucket-region: region-${number}\r\nlocation: http://127.0.0.1:1/\r\n`,
    }),
  prove: async (store) => {
    await assert.rejects(store.get("a"), isUsage(/check the region/));
  },
  mostRequests: 4,
});

hostileTest("a listing of what was not asked for, or without sizes and times, is none", {
  answer: (request) => {
    const kind = new URL(request.url, "http://x").searchParams.get("prefix") ?? "";
    const contents = {
      k: LISTED.replace("p/a", "q/secret"),
      s: "<Contents><Key>p/s</Key></Contents>",
      n: LISTED.replace("p/a", "p/n").replace("<Size>1", "<Size>-1"),
      t: LISTED.replace("p/a", "p/t").replace(/<LastModified>.*<\/LastModified>/, ""),
    }[kind.slice(-1)];
    return reply(request, 200, listing(`<IsTruncated>false</IsTruncated>${contents}`));
  },
  prove: async (store) => {
    for (const prefix of ["k", "s", "n", "t"]) {
      await assert.rejects(collect(store.list(prefix)), isUsage(/does not answer as S3 does/), prefix);
    }
  },
});

hostileTest("8 MB of XML that is nested a million deep is no listing", {
  answer: (request) => reply(request, 200, "<a>".repeat((8 * MIB - 100) / 3)),
  prove: async (store) => {
    await assert.rejects(collect(store.list("")), UnavailableError);
  },
});

hostileTest("what it says is repeated in one short line, without what a terminal obeys", {
  answer: (request) =>
    reply(
      request,
      400,
      `<Error><Code>InvalidX</Code><Message>a&#10;\u001b[2J${"x".repeat(10_000)}</Message></Error>`,
    ),
  prove: async (store) => {
    await assert.rejects(store.get("a"), (error: Error) => {
      assert.ok(error instanceof UsageError, Deno.inspect(error));
      assert.doesNotMatch(error.message, /[\p{Cc}]/u);
      assert.ok(error.message.length < 500, String(error.message.length));
      return true;
    });
  },
});

/** What answers to one request for many objects with `body`, and to each other one that it is done. */
function removals(name: string, status: number, body: string, said: RegExp): void {
  const singles: string[] = [];
  hostileTest(name, {
    answer: (request) => {
      if (request.method === "POST") return reply(request, status, body);
      singles.push(request.url);
      return reply(request, 204, "");
    },
    prove: async (store) => {
      assert.deepEqual(await removeObjects(store, ["a", "b"]), []);
      assert.deepEqual(singles.sort(), ["/vaultik/a?x-id=DeleteObject", "/vaultik/b?x-id=DeleteObject"]);
      assert.match(store.abilities!.manyRemovals.said!, said);
      await removeObjects(store, ["c", "d"]);
    },
    mostRequests: 5,
  });
}

const deleted = (key: string) => `<Deleted><Key>${key}</Key></Deleted>`;
const notNamed = /does not name each object/;
removals(
  "a removal that names other objects is none",
  200,
  `<DeleteResult>${deleted("x")}</DeleteResult>`,
  notNamed,
);
removals(
  "a removal that names some of the objects is none",
  200,
  `<DeleteResult>${deleted("a")}</DeleteResult>`,
  notNamed,
);
removals("a removal that names nothing is none", 200, "", notNamed);
removals("a page for a login is no removal", 200, "<html><body>Log in<br></body></html>", /200|not name/);
removals("nonsense is no removal", 200, "{<<", /200|not name/);
for (const status of [400, 403, 404, 405, 411, 501]) {
  removals(
    `a removal that is answered by ${status} is asked for one by one`,
    status,
    "",
    RegExp(`${status}`),
  );
}

hostileTest("an answer of 200 MB to a removal is not taken", {
  answer: (request, _, sent) =>
    request.method === "POST"
      ? flood(request, ok(200 * MIB), deleted("a"), 200 * MIB, sent)
      : reply(request, 204, ""),
  prove: async (store) => {
    assert.deepEqual(await removeObjects(store, ["a", "b"]), []);
    assert.match(store.abilities!.manyRemovals.said!, /longer than/);
  },
});

hostileTest("of an object that is removed and not removed, it is taken that it is not", {
  answer: (request) => {
    const error = "<Error><Key>a</Key><Code>AccessDenied</Code><Message>&#27;[2J</Message></Error>";
    return request.method === "POST"
      ? reply(request, 200, `<DeleteResult>${deleted("a")}${deleted("b")}${error}</DeleteResult>`)
      : reply(request, 403, "<Error><Code>AccessDenied</Code></Error>");
  },
  prove: async (store) => {
    const [left] = (await store.removeMany!(["a", "b"]))!;
    assert.equal(left!.name, "a");
    assert.ok(left!.error instanceof RefusedError);
    assert.doesNotMatch(left!.error.message, /[\p{Cc}]/u);
    await assert.rejects(removeObjects(store, ["a", "b"]), RefusedError);
  },
});

function isUsage(message: RegExp): (error: Error) => boolean {
  return (error) => {
    assert.ok(error instanceof UsageError, Deno.inspect(error));
    assert.match(error.message, message);
    return true;
  };
}
