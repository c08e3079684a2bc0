import assert from "node:assert/strict";
import { loadSystemCompress } from "../../src/platform/linux/libzstd.ts";

Deno.test({
  name: "a thread that has compressed and opened frames leaves no memory of that behind when it is ended",
  ignore: loadSystemCompress(3, []) === undefined,
  async fn() {
    const script = new URL("thread_memory.ts", import.meta.url).pathname;
    const args = ["run", "-A", "--no-check", "--quiet", script];
    const { code, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
  },
});
