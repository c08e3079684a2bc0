import { openS3Store } from "../../src/store/s3.ts";
import { startS3rver } from "../fixtures/s3_server.ts";
import { storeConformance } from "./conformance.ts";
import { s3Mistakes } from "./s3_mistakes.ts";

storeConformance("S3Store on s3rver", async () => {
  const server = await startS3rver();
  const store = await openS3Store(server.location("some/prefix"));
  return { store, cleanup: () => server[Symbol.asyncDispose]() };
}, {
  createOnly: "ignored",
  checksHashes: false,
  keepsConnections: true,
  manyObjects: 300,
  brokenByServer: {
    "get() gives the first byte alone": "s3rver takes a range end of 0 for none",
    "get() of a range of an empty object throws CorruptionError": "s3rver announces a byte and sends none",
    "a signal that fires during put() leaves the whole object or none": "s3rver keeps the half",
    "folders gives the folders directly in one, and nothing else":
      "s3rver leaves out a folder that holds folders alone",
  },
});

s3Mistakes("S3Store on s3rver", startS3rver, { checksSignatures: false });
