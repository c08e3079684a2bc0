// What `deno check` must refuse: an `@ts-expect-error` without an error is one.
import type { Handlers, Remote } from "../../src/threads/rpc.ts";
import type { IndexApi } from "../../src/operations/backup/messages.ts";
import type { WriterApi } from "../../src/operations/restore/messages.ts";

export async function misspelt(index: Remote<IndexApi>, writer: Remote<WriterApi>): Promise<void> {
  // @ts-expect-error a call that no one serves
  await index.suspicous("home");
  // @ts-expect-error another argument
  await index.suspicious(1);
  // @ts-expect-error no argument
  await index.suspicious();
  // @ts-expect-error an argument to a call without one
  await index.forgetAll("blobs");
  // @ts-expect-error another answer
  const count: string = await index.forgetAll();
  // @ts-expect-error an answer is waited for
  const names: readonly string[] = index.suspicious("home");
  // @ts-expect-error a member that the argument lacks
  await index.lockedBefore({ ids: [] });
  // @ts-expect-error what is given away is a buffer
  await writer.finish(new Uint8Array(1), ["page"]);
  void [count, names];
}

// @ts-expect-error a handler that is missing
export const missing: Handlers<Pick<IndexApi, "accept" | "trust">> = { accept: () => {} };

export const other: Handlers<Pick<IndexApi, "forgetAll">> = {
  // @ts-expect-error a handler with another answer
  forgetAll: () => "many",
};

export const surplus: Handlers<Pick<IndexApi, "accept">> = {
  accept: () => {},
  // @ts-expect-error a handler of what is not called
  acept: () => {},
};
