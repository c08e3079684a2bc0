import assert from "node:assert/strict";
import { UsageError } from "../../src/base/errors.ts";
import type { StoreLocation } from "../../src/store/open.ts";
import { openS3Store } from "../../src/store/s3.ts";
import type { ObjectStore } from "../../src/store/store.ts";
import type { S3Server } from "../fixtures/s3_server.ts";
import { collect, text } from "./objects.ts";

type S3Location = StoreLocation & { readonly kind: "s3" };

/** What users get wrong: each call must say so, and none may call an object absent. */
export function s3Mistakes(
  name: string,
  startServer: () => Promise<S3Server>,
  options: { readonly ignore?: boolean; readonly checksSignatures?: boolean } = {},
): void {
  Deno.test({
    name: `${name} tells users what is wrong`,
    ignore: options.ignore ?? false,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async (context) => {
      await using server = await startServer();
      const right = server.location("p");
      const secret = "WRONG-SECRET-WRONG";
      const table: [string, S3Location][] = [
        ["a bucket that is not there", { ...right, bucket: "no-such-bucket" }],
        ["an unknown access key", { ...right, accessKeyId: "AKIDNOBODY", secretAccessKey: secret }],
        ["a wrong secret", { ...right, secretAccessKey: secret }],
      ];
      for (const [mistake, location] of table) {
        await context.step({
          name: `with ${mistake} each call throws UsageError`,
          ignore: mistake === "a wrong secret" && options.checksSignatures === false,
          fn: () => proveRefusal(location),
        });
      }
    },
  });
}

async function proveRefusal(location: S3Location): Promise<void> {
  await using store = await openS3Store(location);
  for (const [verb, call] of Object.entries(calls)) {
    await assert.rejects(call(store), (error: Error) => {
      assert(error instanceof UsageError, `${verb}: ${error}`);
      assert.match(error.message, /^Cannot (write|read|look for|list|remove) "s3:\/\//, verb);
      assert(error.message.includes(location.bucket), `${verb}: ${error.message}`);
      assert(error.message.includes(location.endpoint!), `${verb}: ${error.message}`);
      assert.match(error.message, /check/, verb);
      assert(
        !Deno.inspect(error, { depth: 20 }).includes(location.secretAccessKey!),
        `${verb} shows the secret`,
      );
      return true;
    });
  }
}

const calls: Record<string, (store: ObjectStore) => Promise<unknown>> = {
  size: (store) => store.size("a/b"),
  get: (store) => store.get("a/b"),
  list: (store) => collect(store.list("")),
  put: (store) => store.put("a/b", text("x")),
  remove: (store) => store.remove("a/b"),
};
