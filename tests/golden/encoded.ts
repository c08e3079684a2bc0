import { encodeSeekTable } from "../../src/blob/seek_table.ts";
import { addSignature, encodeManifest } from "../../src/model/manifest.ts";
import { encodeListPage, encodePage } from "../../src/model/page.ts";
import { encodeSnapshot } from "../../src/model/snapshot.ts";
import { CHUNKS, ENTRIES, FRAMES, MANIFEST, SNAPSHOT } from "./inputs.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** What today's encoders make of the fixed inputs, by the name of the file that keeps what they always made. */
export const ENCODED: Record<string, () => Uint8Array> = {
  "page.jsonl": () => bytesOf(encodePage(ENTRIES)),
  "list_page.jsonl": () => bytesOf(encodeListPage(CHUNKS)),
  "manifest.json": () => bytesOf(addSignature(encodeManifest(MANIFEST), "c2lnbmF0dXJl")),
  "snapshot.json": () => bytesOf(encodeSnapshot(SNAPSHOT)),
  "seek_table.bin": () => encodeSeekTable(FRAMES),
};
