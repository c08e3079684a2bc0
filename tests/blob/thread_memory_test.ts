import { loadSystemCompress } from "../../src/platform/linux/libzstd.ts";
import { inOwnProcess } from "../fixtures/own_process.ts";

Deno.test({
  name: "a thread that has compressed and opened frames leaves no memory of that behind when it is ended",
  ignore: loadSystemCompress(3, []) === undefined,
  async fn() {
    await inOwnProcess(new URL("thread_memory.ts", import.meta.url));
  },
});
