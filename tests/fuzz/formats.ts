import assert from "node:assert/strict";
import fc from "fast-check";
import { CorruptionError, UsageError } from "../../src/base/errors.ts";
import { compressFrame } from "../../src/blob/zstd.ts";
import { decodeList, encodeList } from "../../src/model/blob_list.ts";
import type { Entry } from "../../src/model/entry.ts";
import { faultOf } from "../../src/model/entry_fault.ts";
import { decodeHost, decodeKeys, encodeHost, encodeKeys } from "../../src/model/host_keys.ts";
import { addSignature, encodeManifest, type Manifest } from "../../src/model/manifest.ts";
import { timeOfSnapshot } from "../../src/model/names.ts";
import { decodeListPage, decodePage, encodeListPage, encodePage } from "../../src/model/page.ts";
import { PageText } from "../../src/model/page_text.ts";
import { decodePageRefs, encodePageRefs } from "../../src/model/page_refs.ts";
import { decodeRecord, encodeRecord } from "../../src/model/prune_record.ts";
import { decodeSnapshot, encodeSnapshot } from "../../src/model/snapshot.ts";
import { hostIdOf } from "../../src/model/host_id.ts";
import { PageEntries } from "../../src/operations/browse/page_entries.ts";
import { namesIn, openManifest, openSigned, sealedNames } from "../../src/read/signed_manifest.ts";
import { newNamesKey } from "../../src/seal/names_key.ts";
import { newSigningKey, publicKeyOf, signText } from "../../src/seal/signature.ts";
import { ENTRIES, KEYS, MANIFEST, NAMED_BLOBS, RECORD } from "../golden/inputs.ts";
import { entry, pageRefs, place, snapshot } from "../model/arbitraries.ts";
import { mutateJson, mutateText, type Mutation, mutations } from "./mutations.ts";
import { outcomeOf, type Target, target } from "./target.ts";

const DECODER_ERRORS = [CorruptionError, UsageError];

/** Text of some JSON lines, of which members are changed and then bytes. */
interface Lines {
  readonly text: string;
  readonly members: readonly Mutation[];
  readonly bytes: readonly Mutation[];
}

function lines(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const changes = fc.oneof(
    { arbitrary: fc.record({ members: mutations(), bytes: fc.constant([]) }), weight: 4 },
    { arbitrary: fc.record({ members: fc.constant([]), bytes: mutations() }), weight: 1 },
    { arbitrary: fc.record({ members: mutations(2), bytes: mutations(2) }), weight: 1 },
  );
  return fc.tuple(text, changes).map(([text, changes]) => changedLines({ text, ...changes }));
}

/** Each line is one JSON value; together they are one array, so that lines are changed, doubled and swapped as members are. */
function changedLines({ text, members, bytes }: Lines): string {
  const isEnded = text.endsWith("\n");
  const values = text.split("\n").slice(0, isEnded ? -1 : undefined).map((line) => JSON.parse(line));
  const changed = mutateJson(values, members);
  const rows = Array.isArray(changed) ? changed : [changed];
  return mutateText(rows.map((row) => JSON.stringify(row) ?? "").join("\n") + (isEnded ? "\n" : ""), bytes);
}

/** What decodes at all is what the encoder makes of it. */
function format<Value>(
  name: string,
  valid: fc.Arbitrary<string>,
  decode: (text: string) => Value,
  encode: (value: Value) => string,
): Target {
  return target(name, lines(valid), async (text) => {
    const value = await outcomeOf(DECODER_ERRORS, () => decode(text));
    if (value !== undefined) assert.deepEqual(decode(encode(value)), value);
  });
}

const signingKey = newSigningKey();
const HOST_KEY = publicKeyOf(signingKey);
const HOST = hostIdOf(HOST_KEY);
const NAMES_KEY = newNamesKey();

function manifestText(isSealed: boolean): string {
  const names = {
    ...{ hostname: "web1", name: "home", files: 5, directories: 2, others: 0, bytes: 99, stored: 50 },
  };
  const manifest: Manifest = {
    ...MANIFEST,
    host: HOST,
    hostKey: HOST_KEY,
    names: isSealed ? sealedNames(names, NAMES_KEY, HOST, MANIFEST.id) : names,
  };
  return encodeManifest(manifest);
}

/** Signed by its host, who may be anybody; or changed after that. */
const manifestTarget = target(
  "manifest",
  fc.tuple(lines(fc.boolean().map(manifestText)), mutations(2), fc.boolean()),
  async ([text, bytes, isChangedLater]) => {
    const signed = addSignature(text, signText(text, signingKey));
    const stored = compressFrame(
      new TextEncoder().encode(isChangedLater ? mutateText(signed, bytes) : signed),
      3,
    );
    const manifest = await outcomeOf(DECODER_ERRORS, () => openManifest(stored, HOST, MANIFEST.id));
    if (manifest === undefined) return;
    assert.ok(!Number.isNaN(timeOfSnapshot(manifest.id)));
    namesIn(manifest, NAMES_KEY);
    const again = encodeManifest(manifest);
    const reopened = openManifest(
      compressFrame(new TextEncoder().encode(addSignature(again, signText(again, signingKey))), 3),
      HOST,
      MANIFEST.id,
    );
    assert.deepEqual(reopened, manifest);
  },
);

const hostTarget = target(
  "host",
  lines(fc.constant(encodeHost("2025-01-02T03:04:05.678Z", HOST_KEY))),
  async (text) => {
    const signed = new TextEncoder().encode(addSignature(text, signText(text, signingKey)));
    const found = await outcomeOf(DECODER_ERRORS, () => decodeHost(openSigned(signed, HOST), HOST));
    if (found !== undefined) assert.equal(found.hostKey, HOST_KEY);
  },
);

const entries = fc.array(entry, { minLength: 1, maxLength: 5 });

/** Members of entries are looked at one by one, where an entry is used; what then has no fault is an entry. */
const pageTarget = target("page", lines(entries.map(encodePage)), async (text) => {
  await outcomeOf(DECODER_ERRORS, () => decodePage(text));
  const found = await outcomeOf(DECODER_ERRORS, () => decodeEach(text)) ?? [];
  for (const one of found) {
    if (one instanceof CorruptionError || faultOf(one) !== undefined) continue;
    assert.deepEqual(decodePage(encodePage([one])), [one]);
  }
  await outcomeOf(DECODER_ERRORS, () => {
    const page = new PageEntries(new TextEncoder().encode(text));
    page.find("\0etc\0passwd");
    for (let i = 0; i < page.count; i++) page.at(i);
  });
});

export const FORMAT_TARGETS: readonly Target[] = [
  manifestTarget,
  hostTarget,
  format("keys", fc.constant(encodeKeys(KEYS)), decodeKeys, encodeKeys),
  format("blob list", fc.constant(encodeList(NAMED_BLOBS, "nonce")), decodeList, encodeList),
  format("record", fc.constant(encodeRecord(RECORD)), decodeRecord, encodeRecord),
  format("snapshot", snapshot.map(encodeSnapshot), decodeSnapshot, encodeSnapshot),
  format("page refs", pageRefs.map(encodePageRefs), decodePageRefs, encodePageRefs),
  format("list page", fc.array(place, { maxLength: 6 }).map(encodeListPage), decodeListPage, encodeListPage),
  pageTarget,
  format("golden page", fc.constant(encodePage(ENTRIES)), usableEntries, encodePage),
];

/** Each by itself, as a restore does. */
function decodeEach(text: string): (Entry | CorruptionError)[] {
  return [...new PageText(new TextEncoder().encode(text)).entries()];
}

/** Entries without a fault. */
function usableEntries(text: string): Entry[] {
  return decodeEach(text).flatMap((one) =>
    one instanceof CorruptionError || faultOf(one) !== undefined ? [] : [one]
  );
}
