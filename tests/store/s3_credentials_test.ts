import assert from "node:assert/strict";

Deno.test("S3Store finds credentials in the environment, and renews them", async () => {
  const cases = new URL("s3_credentials.ts", import.meta.url).pathname;
  const args = ["test", "-A", "--no-prompt", "--no-check", cases];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.equal(code, 0, text(stdout) + text(stderr));
  assert.match(text(stdout), /[1-9]\d* passed/);
});
