import assert from "node:assert/strict";
import { inOwnProcess } from "../fixtures/own_process.ts";

Deno.test("S3Store finds credentials in the environment, and renews them", async () => {
  const printed = await inOwnProcess(new URL("s3_credentials.ts", import.meta.url), ["test"]);
  assert.match(printed, /[1-9]\d* passed/);
});
