import assert from "node:assert/strict";
import fc from "fast-check";
import { sha256Hex } from "../../src/base/digest.ts";
import type { ManifestHead } from "../../src/model/manifest.ts";
import type { PageRef } from "../../src/model/page_refs.ts";
import type { Snapshot } from "../../src/model/snapshot.ts";
import { OpenedHost } from "../../src/read/opened_host.ts";

const TIME = "2026-01-02T03:04:05.000Z";
const idOf = (text: string) => sha256Hex(new TextEncoder().encode(text));

/** The page `number`, at one of a few places. */
function refOf([number, place]: readonly [number: number, place: number]): PageRef {
  return {
    firstPath: `/\xff${number}`,
    blob: idOf(`blob ${place}`),
    blobSize: place,
    offset: place,
    length: 9,
    id: idOf(`page ${number}`),
    entries: 3,
  };
}

function manifestOf(id: string): ManifestHead {
  return {
    id,
    host: "host",
    startedAt: TIME,
    finishedAt: TIME,
    set: "00".repeat(16),
    incomplete: false,
    names: "AAAA",
    snapshot: { sha256: idOf(id), size: id.length },
    hostKey: "",
  };
}

function snapshotOf(id: string, pageLists: PageRef[], pages: PageRef[]): Snapshot {
  return {
    id,
    host: "host",
    hostname: "web1",
    name: "home",
    startedAt: TIME,
    finishedAt: TIME,
    roots: ["/"],
    options: {},
    totals: { files: 1, directories: 2, others: 3, bytes: 4 },
    chunker: { seed: "00".repeat(32), average: 1 },
    errors: [],
    pageLists,
    pages,
  };
}

const listedAs = (id: string) => ({ size: 7, modified: new Date(TIME), sealedSize: id.length });
const refs = fc.array(fc.tuple(fc.nat(5), fc.nat(2)), { maxLength: 6 }).map((some) => some.map(refOf));

Deno.test("what was opened comes back as it was put in, also out of its text, and nothing of snapshots that are gone", () => {
  const histories = fc.array(fc.tuple(refs, refs), { maxLength: 6 });
  fc.assert(fc.property(histories, refs, (history, list) => {
    const host = new OpenedHost();
    const snapshots = history.map(([pageLists, pages], i) => snapshotOf(`${i}`, pageLists, pages));
    for (const snapshot of snapshots) {
      host.putManifest(manifestOf(snapshot.id), listedAs(snapshot.id));
      host.putSnapshot(snapshot);
    }
    const listId = snapshots[0]?.pageLists[0]?.id;
    const pageId = snapshots[0]?.pages[0]?.id;
    if (listId !== undefined) host.putList(listId, list);
    if (pageId !== undefined) host.putFound(pageId, "/a", { head: "head", lines: ["line"] });
    const odd = new Set(snapshots.map(({ id }) => id).filter((id) => Number(id) % 2 === 1));
    for (
      const one of [
        host,
        OpenedHost.decode(host.encode()),
        host.only(odd),
        OpenedHost.decode(host.only(odd).encode()),
      ]
    ) {
      const isWhole = one === host || one.manifest("0", listedAs("0")) !== undefined;
      for (const snapshot of snapshots) {
        const { id } = snapshot;
        const isThere = isWhole || odd.has(id);
        assert.deepEqual(one.manifest(id, listedAs(id)), isThere ? manifestOf(id) : undefined);
        assert.deepEqual(one.snapshot(manifestOf(id)), isThere ? snapshot : undefined);
      }
      const has = (id: string | undefined) =>
        snapshots.some((snapshot) =>
          odd.has(snapshot.id) && [...snapshot.pageLists, ...snapshot.pages].some((ref) => ref.id === id)
        );
      if (listId !== undefined) assert.deepEqual(one.list(listId), isWhole || has(listId) ? list : undefined);
    }
  }));
});

Deno.test("a manifest counts only as it was listed, with the sealed snapshot beside it", () => {
  for (
    const change of [{ size: 8 }, { modified: new Date(0) }, { sealedSize: 2 }, { sealedSize: undefined }]
  ) {
    const host = new OpenedHost();
    host.putManifest(manifestOf("a"), listedAs("a"));
    assert.deepEqual(host.manifest("a", listedAs("a")), manifestOf("a"));
    assert.equal(host.manifest("a", { ...listedAs("a"), ...change }), undefined);
    assert.equal(host.manifest("a", listedAs("a")), undefined);
  }
  const host = new OpenedHost();
  host.putManifest(manifestOf("a"), listedAs("a"));
  host.putSnapshot(snapshotOf("a", [], []));
  const other = { ...manifestOf("a"), snapshot: { sha256: idOf("other"), size: 1 } };
  assert.equal(host.snapshot(other), undefined);
  host.putManifest(other, listedAs("a"));
  assert.equal(host.snapshot(other), undefined);
});

Deno.test("a snapshot with very many errors, and what is found in very much text, is not kept", () => {
  const host = new OpenedHost();
  host.putManifest(manifestOf("a"), listedAs("a"));
  const errors = Array.from({ length: 1000 }, (_, i) => ({ path: `/${i}`, reason: "no right to read it" }));
  host.putSnapshot({ ...snapshotOf("a", [], []), errors });
  assert.equal(host.snapshot(manifestOf("a")), undefined);
  host.putFound("page", "/a", { head: "", lines: ["x".repeat(100_000)] });
  assert.equal(host.found("page", "/a"), undefined);
});

Deno.test("what another version has written is as none", () => {
  const host = new OpenedHost();
  host.putManifest(manifestOf("a"), listedAs("a"));
  const written = host.encode();
  const other = written.slice();
  other[other.indexOf(0x32)] = 0x33;
  assert.ok(new TextDecoder().decode(other).includes('"vaultik_opened":3'));
  assert.deepEqual(OpenedHost.decode(written).manifest("a", listedAs("a")), manifestOf("a"));
  assert.equal(OpenedHost.decode(other).manifest("a", listedAs("a")), undefined);
});
