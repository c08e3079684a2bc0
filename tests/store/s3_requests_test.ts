import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { atLeast } from "../../src/base/at_least.ts";
import { ArchivedError, LockedError, RefusedError, UsageError } from "../../src/base/errors.ts";
import { silent } from "../../src/report/events.ts";
import { openS3Store } from "../../src/store/s3.ts";
import { retrying } from "../../src/store/retrying.ts";
import { Traffic } from "../../src/store/traffic.ts";
import { reply, serveRaw } from "../fixtures/raw_server.ts";
import { locationAt } from "../fixtures/s3_server.ts";
import { headerOf, POLICY, requestTest } from "./recorded_requests.ts";
import { collect, noise, sha256, text } from "./objects.ts";

requestTest("each PUT carries the SHA-256 of its body, for the signature and for the store to keep", {
  prove: async (store, requests) => {
    for (const bytes of [text("small"), noise((1 << 20) + 1)]) {
      await store.put("a", bytes);
      await store.put("a", bytes, { sha256: sha256(bytes) });
      for (const request of [requests.at(-1)!, requests.at(-2)!]) {
        assert.equal(headerOf(request, "x-amz-content-sha256"), sha256(bytes));
        const kept = headerOf(request, "x-amz-checksum-sha256")!;
        assert.equal(Buffer.from(kept, "base64").toString("hex"), sha256(bytes));
        assert.match(headerOf(request, "authorization")!, /SignedHeaders=[^,]*x-amz-checksum-sha256/);
      }
    }
  },
});

requestTest("a store that cannot keep checksums gets none from then on", {
  answer: (request) =>
    headerOf(request, "x-amz-checksum-sha256") === undefined
      ? reply(request, 200, "")
      : reply(request, 501, "<Error><Code>NotImplemented</Code></Error>"),
  prove: async (store, requests) => {
    await store.put("a", text("x"));
    await store.put("b", text("x"));
    assert.equal(requests.length, 3);
  },
});

requestTest("what a store lists at the end of a page and again on the next is listed once", {
  answer: (request) => {
    const query = new URL(request.url, "http://x").searchParams;
    const isNext = query.has("continuation-token");
    const keys = isNext ? ["b", "c"] : ["a", "b"];
    const contents = keys.map((key) =>
      `<Contents><Key>${key}</Key><Size>1</Size><LastModified>2026-01-01T00:00:00Z</LastModified></Contents>`
    );
    const folders = keys.map((key) => `<CommonPrefixes><Prefix>${key}/</Prefix></CommonPrefixes>`);
    const rest = isNext ? "" : "<NextContinuationToken>t</NextContinuationToken>";
    const found = (query.has("delimiter") ? folders : contents).join("");
    return reply(
      request,
      200,
      `<ListBucketResult><IsTruncated>${!isNext}</IsTruncated>${rest}${found}</ListBucketResult>`,
    );
  },
  prove: async (store) => {
    assert.deepEqual((await collect(store.list(""))).map(({ name }) => name), ["a", "b", "c"]);
    assert.deepEqual(await store.folders!(""), ["a", "b", "c"]);
  },
});

requestTest("a removal of many objects carries the MD5 of its body, and no newer checksum", {
  answer: (request) =>
    reply(
      request,
      200,
      "<DeleteResult><Deleted><Key>p/a</Key></Deleted><Deleted><Key>p/b</Key></Deleted></DeleteResult>",
    ),
  location: { prefix: "p" },
  prove: async (store, requests) => {
    assert.deepEqual(await store.removeMany!(["a", "b"]), []);
    const [request] = atLeast(1, requests);
    assert.equal(`${request.method} ${request.url}`, "POST /vaultik/?delete=");
    assert.doesNotMatch(request.head, /checksum/i);
    assert.match(headerOf(request, "authorization")!, /SignedHeaders=[^,]*content-md5/);
  },
});

requestTest("storage classes go by kind of object, and encryption with each", {
  location: {
    storageClasses: { blobs: "DEEP_ARCHIVE", pages: "STANDARD_IA" },
    encryption: "aws:kms",
    kmsKeyId: "alias/x",
  },
  prove: async (store, requests) => {
    for (const name of ["blobs/aa/bb/c", "pages/aa/bb/c", "metadata/i/manifest"]) {
      await store.put(name, text("x"));
    }
    const classes = requests.map((request) => headerOf(request, "x-amz-storage-class"));
    assert.deepEqual(classes, ["DEEP_ARCHIVE", "STANDARD_IA", undefined]);
    for (const request of requests) {
      assert.equal(headerOf(request, "x-amz-server-side-encryption"), "aws:kms");
      assert.equal(headerOf(request, "x-amz-server-side-encryption-aws-kms-key-id"), "alias/x");
    }
  },
});

requestTest("with object lock each PUT is locked for longer than the days asked for", {
  location: { objectLock: { mode: "compliance", days: 40 } },
  prove: async (store, requests) => {
    await store.put("a", text("x"));
    assert.equal(headerOf(requests[0]!, "x-amz-object-lock-mode"), "COMPLIANCE");
    const until = Date.parse(headerOf(requests[0]!, "x-amz-object-lock-retain-until-date")!);
    assert.equal(Math.round((until - Date.now()) / 86_400_000), 50);
    assert.notEqual(headerOf(requests[0]!, "x-amz-checksum-sha256"), undefined);
  },
});

requestTest("a lock is renewed by a request of its own", {
  location: { objectLock: { mode: "governance", days: 40 } },
  prove: async (store, requests) => {
    const now = new Date("2025-01-02T03:04:05Z");
    assert.equal(store.locks!.needed(now).toISOString(), "2025-02-11T03:04:05.000Z");
    await store.locks!.renew("blobs/aa/bb/c", store.locks!.end(now));
    const [{ method, url, bodyStart }] = atLeast(1, requests);
    assert.deepEqual([method, new URL(url, "http://x").search], ["PUT", "?retention="]);
    assert.match(
      new TextDecoder().decode(bodyStart),
      /<Mode>GOVERNANCE<\/Mode><RetainUntilDate>2025-02-21T03:04:05Z</,
    );
  },
});

requestTest("what is cold is seen by the headers of a HEAD", {
  answer: (request, number) => {
    const headers = [
      "x-amz-storage-class: DEEP_ARCHIVE\r\n",
      'x-amz-storage-class: GLACIER\r\nx-amz-restore: ongoing-request="true"\r\n',
      'x-amz-storage-class: GLACIER\r\nx-amz-restore: ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT"\r\n',
      "x-amz-archive-status: DEEP_ARCHIVE_ACCESS\r\n",
      "x-amz-storage-class: GLACIER_IR\r\n",
    ];
    return reply(request, 200, "", { headers: headers[number - 1] });
  },
  prove: async (store) => {
    const found = [];
    for (let i = 0; i < 5; i++) found.push(await store.cold!.temperature("a"));
    assert.deepEqual(found, ["cold", "warming", "warm", "cold", "warm"]);
  },
});

requestTest("asking back names days and speed, and asking again is no failure", {
  answer: (request, number) =>
    number === 1
      ? reply(request, 202, "")
      : reply(request, 409, "<Error><Code>RestoreAlreadyInProgress</Code></Error>"),
  prove: async (store, requests) => {
    for (let i = 0; i < 2; i++) await store.cold!.askBack("a", { speed: "bulk", days: 3 });
    const [{ method, url, bodyStart }] = atLeast(1, requests);
    assert.deepEqual([method, new URL(url, "http://x").search], ["POST", "?restore="]);
    assert.match(new TextDecoder().decode(bodyStart), /<Days>3<\/Days>.*<Tier>Bulk<\/Tier>/);
    assert.equal(requests.length, 2);
  },
});

requestTest("a clock that is wrong is corrected by the store's, and the call succeeds", {
  answer: (request) => {
    const ahead = new Date(Date.now() + 3 * 3_600_000);
    const signed = headerOf(request, "x-amz-date")!.replace(
      /(....)(..)(..)T(..)(..)(..)Z/,
      "$1-$2-$3T$4:$5:$6Z",
    );
    const headers = `date: ${ahead.toUTCString()}\r\n`;
    const isRight = Math.abs(Date.parse(signed) - ahead.getTime()) < 60_000;
    return isRight
      ? reply(request, 200, "", { headers })
      : reply(request, 403, "<Error><Code>RequestTimeTooSkewed</Code></Error>", { headers });
  },
  prove: async (store, requests) => {
    await store.put("a", text("x"));
    assert.equal(requests.length, 2);
  },
});

requestTest("configured credentials that ended are a mistake, not tried again", {
  answer: (request) => reply(request, 400, "<Error><Code>ExpiredToken</Code></Error>"),
  prove: async (store, requests) => {
    await assert.rejects(store.put("a", text("x")), (error: Error) => {
      assert.ok(error instanceof UsageError && !(error instanceof RefusedError));
      assert.match(error.message, /renew the credentials/);
      return true;
    });
    assert.equal(requests.length, 1);
  },
});

requestTest("a refusal is distinguished from absence, for every call", {
  answer: (request) => reply(request, 403, "<Error><Code>AccessDenied</Code></Error>"),
  prove: async (store) => {
    for (
      const call of [
        () => store.size("a"),
        () => store.get("a"),
        () => store.put("a", text("x")),
        () => store.remove("a"),
        () => collect(store.list("")),
      ]
    ) await assert.rejects(call(), RefusedError);
  },
});

requestTest("what is in cold storage is reported as such", {
  answer: (request) => reply(request, 403, "<Error><Code>InvalidObjectState</Code></Error>"),
  prove: async (store) => await assert.rejects(store.get("a"), ArchivedError),
});

requestTest("a removal that a lock forbids says so", {
  answer: (request) =>
    reply(
      request,
      403,
      "<Error><Code>AccessDenied</Code><Message>Access Denied because object protected by object lock.</Message></Error>",
    ),
  prove: async (store) => {
    await assert.rejects(store.remove("a"), (error: Error) => {
      assert.ok(error instanceof LockedError);
      assert.match(error.message, /^Cannot remove "s3:.*": it is locked/);
      return true;
    });
  },
});

Deno.test({
  name: "S3Store: each request is counted, also those that failed, with the bytes of those that did not",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    let number = 0;
    await using server = serveRaw((request) =>
      ++number === 1 ? reply(request, 503, "<Error><Code>SlowDown</Code></Error>") : reply(request, 200, "")
    );
    const traffic = new Traffic();
    const inner = await openS3Store(locationAt(server.endpoint), { traffic });
    await using store = retrying(inner, silent, { policy: POLICY });
    await store.put("a", text("12345"));
    await store.size("a");
    await store.remove("a");
    const { put, size, remove } = traffic.take();
    assert.deepEqual([put, size.calls, remove.calls], [{ calls: 2, bytes: 5 }, 1, 1]);
  },
});

Deno.test("S3Store: a file of authorities that is none is refused when the store is opened", async () => {
  const file = await Deno.makeTempFile({ prefix: "vaultik-ca-" });
  try {
    for (const caFile of [file, "/no/such/file"]) {
      const opening = openS3Store({ ...locationAt("https://127.0.0.1:1"), caFile });
      await assert.rejects(opening, /Cannot use the authorities in ".*" \(s3\.ca_file\)/);
    }
  } finally {
    await Deno.remove(file);
  }
});
