import { encodeSeekTable } from "../../src/blob/seek_table.ts";
import { encodeList } from "../../src/model/blob_list.ts";
import { encodeHost, encodeKeys } from "../../src/model/host_keys.ts";
import { addSignature, encodeManifest } from "../../src/model/manifest.ts";
import { encodeListPage, encodePage } from "../../src/model/page.ts";
import { encodePageRefs } from "../../src/model/page_refs.ts";
import { encodeRecord } from "../../src/model/prune_record.ts";
import { encodeSnapshot } from "../../src/model/snapshot.ts";
import { CHUNKS, ENTRIES, FRAMES, HOST_KEY, KEYS, MANIFEST, NAMED_BLOBS, RECORD, SIGNATURE, SNAPSHOT } from "./inputs.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** What today's encoders make of the fixed inputs, by the name of the file that keeps what they always made. */
export const ENCODED: Record<string, () => Uint8Array> = {
  "page.jsonl": () => bytesOf(encodePage(ENTRIES)),
  "list_page.jsonl": () => bytesOf(encodeListPage(CHUNKS)),
  "manifest.json": () => bytesOf(addSignature(encodeManifest(MANIFEST), SIGNATURE)),
  "snapshot.json": () => bytesOf(encodeSnapshot(SNAPSHOT)),
  "list.json": () => bytesOf(encodeList(NAMED_BLOBS)),
  "page_list.jsonl": () => bytesOf(encodePageRefs(SNAPSHOT.pages)),
  "record.json": () => bytesOf(encodeRecord(RECORD)),
  "keys.json": () => bytesOf(encodeKeys(KEYS)),
  "host.json": () => bytesOf(addSignature(encodeHost(KEYS.created, HOST_KEY), SIGNATURE)),
  "seek_table.bin": () => encodeSeekTable(FRAMES),
};
