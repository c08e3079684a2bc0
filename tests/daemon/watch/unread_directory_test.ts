import { inOwnProcess } from "../../fixtures/own_process.ts";

Deno.test("a directory that cannot be read for want of descriptors is dirty, and watched when it can", async () => {
  await inOwnProcess(new URL("unread_directory.ts", import.meta.url));
});
