import assert from "node:assert/strict";
import { CorruptionError, UnavailableError, UsageError } from "../../src/base/errors.ts";
import { reply } from "../fixtures/raw_server.ts";
import { flood, hostileTest, IN_SOCKETS_BYTES, MIB, ok } from "./hostile_server.ts";
import { collect, noise, text } from "./objects.ts";

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

function isUsage(message: RegExp): (error: Error) => boolean {
  return (error) => {
    assert.ok(error instanceof UsageError, Deno.inspect(error));
    assert.match(error.message, message);
    return true;
  };
}
