import assert from "node:assert/strict";

Deno.test("a directory that cannot be read for want of descriptors is dirty, and watched when it can", async () => {
  const script = new URL("unread_directory.ts", import.meta.url).pathname;
  const args = ["run", "-A", "--no-check", "--quiet", script];
  const { code, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
});
