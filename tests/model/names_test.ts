import assert from "node:assert/strict";
import fc from "fast-check";
import { atLeast } from "../../src/base/at_least.ts";
import {
  blobName,
  CONTENT_KINDS,
  contentName,
  hostPrefix,
  isRunId,
  isSnapshotId,
  keysName,
  listName,
  manifestName,
  parseBlobName,
  parseContentName,
  pinName,
  runId,
  setOfSnapshot,
  sha256OfKeys,
  snapshotId,
  snapshotIdAfter,
  snapshotName,
  snapshotOfManifest,
  snapshotOfMetadata,
  snapshotOfPin,
  snapshotOfSnapshot,
  splitHostName,
  timeOfSnapshot,
} from "../../src/model/names.ts";
import { hostId, id } from "./arbitraries.ts";

const ID = "0123456789abcdef".repeat(4);
const SET = "5e0c9b1f0123456789abcdef01234567";
const randomOf = (id: string) => id.split("-")[1]!;
const SNAPSHOT = "20250102T030405Z-abcdefgh-5e0c9b1f";

Deno.test("blobs are spread over directories named by their first digits, lists over fewer", () => {
  assert.equal(blobName("blobs", ID), `blobs/01/23/${ID}`);
  assert.equal(blobName("pages", ID), `pages/01/23/${ID}`);
  assert.equal(listName(ID), `lists/01/${ID}`);
});

Deno.test("parseContentName() is the inverse of contentName()", () => {
  fc.assert(fc.property(fc.constantFrom(...CONTENT_KINDS), id, (kind, id) => {
    const name = contentName(kind, id);
    assert.deepEqual(parseContentName(name), { kind, id });
    assert.deepEqual(parseBlobName(name), kind === "lists" ? undefined : { kind, id });
  }));
});

const NOT_CONTENT: [what: string, name: string][] = [
  ["a name in another directory", `other/01/23/${ID}`],
  ["directories of another id", `blobs/01/24/${ID}`],
  ["a blob where a list would be", `blobs/01/${ID}`],
  ["a list where a blob would be", `lists/01/23/${ID}`],
  ["an upper-case id", `blobs/01/23/${ID.toUpperCase()}`],
  ["a short id", `blobs/01/23/${ID.slice(1)}`],
  ["a temporary file", `blobs/01/23/${ID}.tmp`],
  ["something before it", `/blobs/01/23/${ID}`],
  ["a line break after it", `blobs/01/23/${ID}\n`],
];

for (const [what, name] of NOT_CONTENT) {
  Deno.test(`parseContentName() does not take ${what}`, () =>
    assert.equal(parseContentName(name), undefined));
}

Deno.test("the host and the name within its directory come back from a name", () => {
  fc.assert(fc.property(hostId, (host) => {
    assert.deepEqual(splitHostName(`${hostPrefix(host)}blobs/x`), { host, rest: "blobs/x" });
  }));
  for (
    const name of [
      "hosts/web1/host.json",
      "blobs/x",
      `x/hosts/${"a".repeat(26)}/x`,
      `hosts/${"a".repeat(26)}/`,
    ]
  ) {
    assert.equal(splitHostName(name), undefined, name);
  }
});

Deno.test("the names of what a snapshot is made of tell its id, each to its own question only", () => {
  const questions = [snapshotOfManifest, snapshotOfSnapshot, snapshotOfPin];
  [manifestName, snapshotName, pinName].forEach((nameOf, i) => {
    const name = nameOf(SNAPSHOT);
    assert.deepEqual(
      questions.map((ask) => ask(name)),
      questions.map((_, j) => i === j ? SNAPSHOT : undefined),
    );
    assert.equal(snapshotOfMetadata(name), SNAPSHOT);
  });
  assert.equal(snapshotOfManifest("snapshots/a/b/manifest.json.zst"), undefined);
  assert.equal(snapshotOfManifest("snapshots/a/manifest.json.zst.tmp"), undefined);
  assert.equal(snapshotOfMetadata("blobs/a/b"), undefined);
});

Deno.test("sha256OfKeys() is the inverse of keysName()", () => {
  assert.equal(keysName(ID), `keys/${ID}.age`);
  assert.equal(sha256OfKeys(keysName(ID)), ID);
  for (const name of ["keys/x.age", `keys/${ID}`, `keys/${ID}.age.tmp`]) {
    assert.equal(sha256OfKeys(name), undefined);
  }
});

Deno.test("the id of a snapshot has the second in UTC and what is random, and sorts by time", () => {
  const time = new Date("2025-01-02T03:04:05.999Z");
  assert.equal(snapshotId(time, new Uint8Array([0, 0, 0, 0, 31]), SET), "20250102T030405Z-aaaaaaa7-5e0c9b1f");
  const date = fc.date({ min: new Date(0), max: new Date("9999-12-31"), noInvalidDate: true });
  const random = fc.uint8Array({ minLength: 5, maxLength: 5 });
  fc.assert(fc.property(date, random, date, random, (a, randomA, b, randomB) => {
    const [idA, idB] = [snapshotId(a, randomA, SET), snapshotId(b, randomB, SET)];
    assert.ok(isSnapshotId(idA));
    const [secondA, secondB] = atLeast(2, [a, b].map((date) => Math.floor(date.getTime() / 1000)));
    if (secondA < secondB) assert.ok(idA < idB);
  }));
});

Deno.test("ids of one second are in the order in which they were made, some hundred of them", () => {
  const time = new Date("2025-01-02T03:04:05Z");
  const random = fc.uint8Array({ minLength: 5, maxLength: 5 });
  fc.assert(fc.property(fc.array(random, { minLength: 200, maxLength: 200 }), ([first, ...others]) => {
    let last = snapshotId(time, first!.with(0, first![0]! & 0x1f), SET);
    for (const bytes of others) {
      const id = snapshotIdAfter(last, time, bytes, SET);
      assert.ok(isSnapshotId(id) && timeOfSnapshot(id) === timeOfSnapshot(last));
      if (randomOf(last) < "zzz") assert.ok(id > last, `${id} after ${last}`);
      last = id;
    }
  }));
});

Deno.test("an id in order goes on in the characters' order, and where there is none left it is any", () => {
  const time = new Date("2025-01-02T03:04:05Z");
  const after = (suffix: string, step: number) =>
    randomOf(
      snapshotIdAfter(`20250102T030405Z-${suffix}-00000000`, time, new Uint8Array([0, 0, 0, step, 0]), SET),
    );
  assert.equal(after("n7aaaaaa", 0), "n7aaaaab");
  assert.equal(after("n7aaaaz7", 0), "n7aaaaza");
  assert.equal(after("n7aaazzz", 0), "n7aab222");
  assert.equal(after("zzzzzzzz", 0), "aaaaaaaa");
  const earlier = "20250102T030404Z-zzzzzzzz-5e0c9b1f";
  assert.equal(
    snapshotIdAfter(earlier, time, new Uint8Array(5), SET),
    snapshotId(time, new Uint8Array(5), SET),
  );
  assert.equal(
    snapshotIdAfter(undefined, time, new Uint8Array(5), SET),
    snapshotId(time, new Uint8Array(5), SET),
  );
});

Deno.test("the id of a snapshot ends in the beginning of its set's tag, also where it comes after another set's", () => {
  const time = new Date("2025-01-02T03:04:05Z");
  assert.equal(setOfSnapshot(snapshotId(time, new Uint8Array(5), SET)), "5e0c9b1f");
  const last = "20250102T030405Z-n7aaaaaa-00000000";
  assert.equal(snapshotIdAfter(last, time, new Uint8Array(5), SET), "20250102T030405Z-n7aaaaab-5e0c9b1f");
});

Deno.test("the id of what is no snapshot is as that of one without the tag", () => {
  const id = runId(new Date("2025-01-02T03:04:05Z"), new Uint8Array(5));
  assert.equal(id, "20250102T030405Z-aaaaaaaa");
  assert.ok(isRunId(id) && !isSnapshotId(id) && !isRunId(SNAPSHOT));
});

Deno.test("isSnapshotId() takes nothing else", () => {
  assert.ok(isSnapshotId(SNAPSHOT));
  for (
    const other of [
      "",
      "latest",
      `${SNAPSHOT}\n`,
      SNAPSHOT.slice(1),
      SNAPSHOT.slice(0, -1),
      SNAPSHOT.slice(0, -9),
      SNAPSHOT.toUpperCase(),
      `../${SNAPSHOT}`,
    ]
  ) {
    assert.ok(!isSnapshotId(other), other);
  }
});
