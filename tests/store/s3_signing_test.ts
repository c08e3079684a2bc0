import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { reply } from "../fixtures/raw_server.ts";
import { sha256, text } from "./objects.ts";
import { headerOf, requestTest } from "./recorded_requests.ts";

requestTest(
  "where a store repeats the SHA-256 that it was given, the signature covers that alone from then on",
  {
    answer: (request) => {
      const kept = headerOf(request, "x-amz-checksum-sha256");
      return reply(request, 200, "", { headers: `x-amz-checksum-sha256: ${kept}\r\n` });
    },
    prove: async (store, requests) => {
      for (const name of ["a", "b"]) await store.put(name, text(name));
      const hashes = requests.map((request) => headerOf(request, "x-amz-content-sha256"));
      assert.deepEqual(hashes, [sha256(text("a")), "UNSIGNED-PAYLOAD"]);
      const last = requests.at(-1)!;
      assert.equal(
        Buffer.from(headerOf(last, "x-amz-checksum-sha256")!, "base64").toString("hex"),
        sha256(text("b")),
      );
      assert.match(headerOf(last, "authorization")!, /SignedHeaders=[^,]*x-amz-checksum-sha256/);
    },
  },
);

requestTest("a store that repeats a SHA-256 no more is given signatures that cover the bytes again", {
  answer: (request, number) => {
    const kept = headerOf(request, "x-amz-checksum-sha256");
    return reply(request, 200, "", number === 1 ? { headers: `x-amz-checksum-sha256: ${kept}\r\n` } : {});
  },
  prove: async (store, requests) => {
    for (const name of ["a", "b", "c"]) await store.put(name, text(name));
    const hashes = requests.map((request) => headerOf(request, "x-amz-content-sha256"));
    assert.deepEqual(hashes, [sha256(text("a")), "UNSIGNED-PAYLOAD", sha256(text("c"))]);
  },
});
