import type { Entry } from "../../model/entry.ts";
import { PageEncoder } from "../../model/page.ts";

const encoder = new PageEncoder();

/** A page with these entries. */
export function pageWith(entries: readonly Entry[]): Uint8Array<ArrayBuffer> {
  for (const entry of entries) encoder.add(entry);
  return encoder.finish();
}
