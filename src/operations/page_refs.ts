import type { PageRef, Snapshot } from "../model/snapshot.ts";

/** The pages of a snapshot, in order. */
export async function* pageRefs(snapshot: Pick<Snapshot, "pages">): AsyncGenerator<PageRef> {
  yield* snapshot.pages;
}
