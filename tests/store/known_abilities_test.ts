import assert from "node:assert/strict";
import { silent } from "../../src/report/events.ts";
import { AbilityNotes, type KnownAbilities } from "../../src/store/known_abilities.ts";
import { openStore } from "../../src/store/open.ts";
import { removeObjects } from "../../src/store/remove_objects.ts";
import type { ObjectStore } from "../../src/store/store.ts";
import { VendorServer } from "../fixtures/vendor_server.ts";
import { type VendorProfile, VENDORS } from "../fixtures/vendors.ts";
import { collect, text } from "./objects.ts";

const POLICY = { baseMs: 1, maxDelayMs: 2 };
const DAY = 24 * 3_600_000;
const OLD = VENDORS.find(({ name }) => name === "a store of long ago")!;
const NEW = VENDORS.find(({ name }) => name === "MinIO")!;
const LOCATION = {
  kind: "s3",
  bucket: "b",
  prefix: "p",
  region: "r",
  useSsl: true,
  partSizeBytes: 1,
} as const;
const KNOWN: KnownAbilities = { checksum: "md5", listing: "v1", manyRemovals: "501 X", region: "eu" };

async function withDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "vaultik-notes-" });
  try {
    await work(`${directory}/cache`);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** A run that writes, lists and removes; the requests that were refused. */
async function refused(server: VendorServer, notesIn: string | undefined, more = use): Promise<string[]> {
  const at = server.seen.length;
  {
    await using store = await openStore(server.location(), silent, { policy: POLICY, notesIn });
    await more(store);
  }
  return server.seen.slice(at).filter((line) => / [45]\d\d$/.test(line) && !line.endsWith(" 404"));
}

async function use(store: ObjectStore): Promise<void> {
  await collect(store.list(""));
  for (const name of ["a", "b"]) await store.put(name, text(name));
  assert.deepEqual((await collect(store.list(""))).map(({ name }) => name), ["a", "b"]);
  assert.deepEqual(await removeObjects(store, ["a", "b"]), []);
}

for (const profile of VENDORS.filter(({ skewMs }) => skewMs === undefined)) {
  Deno.test(`a store as ${profile.name}: what a run has found out, the next one does not ask`, () =>
    withDirectory(async (directory) => {
      await using server = new VendorServer(profile);
      await refused(server, directory);
      assert.deepEqual(await refused(server, directory), []);
      assert.equal((await refused(server, undefined)).length > 0, isPeculiar(profile));
    }));
}

function isPeculiar({ checksums, listing, manyRemovals, region }: VendorProfile): boolean {
  return checksums[0] !== "sha256" || listing === "v1 only" || region !== undefined ||
    /\d/.test(manyRemovals);
}

Deno.test("of a store that does all nothing is kept", () =>
  withDirectory(async (directory) => {
    await using server = new VendorServer(NEW);
    await refused(server, directory);
    assert.throws(() => Deno.statSync(directory), Deno.errors.NotFound);
  }));

Deno.test("what was kept and is wrong now is found out again, and the run goes on", async (t) => {
  const kept = { checksum: ["crc32", "md5", "none"], listing: ["v1", "v2"] } as const;
  for (const [index, profile] of VENDORS.entries()) {
    await t.step(profile.name, () =>
      withDirectory(async (directory) => {
        await using server = new VendorServer(profile);
        const checksum = kept.checksum[index % 3]!;
        const known = { ...KNOWN, checksum, listing: kept.listing[index % 2]! };
        new AbilityNotes(directory, server.location()).write(known);
        await refused(server, directory);
        await refused(server, directory);
        if (profile.skewMs === undefined) assert.deepEqual(await refused(server, directory), []);
      }));
  }
});

Deno.test("a checksum that is refused where it was taken is no reason to do without one", () =>
  withDirectory(async (directory) => {
    await using server = new VendorServer({ ...NEW, checksums: ["sha256"], refusal: 400 });
    new AbilityNotes(directory, server.location()).write({ ...KNOWN, listing: "v2" });
    await refused(server, directory, async (store) => {
      await store.put("a", text("a"));
      assert.equal(store.abilities!.checksum, "sha256");
    });
    await refused(
      server,
      directory,
      (store) => Promise.resolve(assert.equal(store.abilities!.checksum, "sha256")),
    );
  }));

Deno.test("whether writes can be create-only is never kept", () =>
  withDirectory(async (directory) => {
    await using server = new VendorServer(OLD);
    const conditional = async (store: ObjectStore) => {
      await store.put("a", text("a"), { createOnly: true }).catch(() => {});
      assert.equal(store.abilities!.conditionalWrites.seen, "no");
    };
    await refused(server, directory, conditional);
    const again = await refused(server, directory, conditional);
    assert.deepEqual(again.map((line) => line.replace(/\?.*/, "")), ["PUT p/a"]);
  }));

Deno.test("that credentials may not remove is not kept", () =>
  withDirectory(async (directory) => {
    await using server = new VendorServer({ ...NEW, manyRemovals: "403" });
    await refused(server, directory);
    assert.throws(() => Deno.statSync(directory), Deno.errors.NotFound);
  }));

Deno.test("what is kept is for one bucket with one key, for a week, and for the owner alone", () =>
  withDirectory((directory) => {
    let nowMs = 1_000 * DAY;
    const notes = (change = {}) => new AbilityNotes(directory, { ...LOCATION, ...change }, () => nowMs);
    assert.equal(notes().read(), undefined);
    notes().write({ ...KNOWN, checksum: "none" });
    notes().write(KNOWN);
    assert.deepEqual(notes({ prefix: "other" }).read(), KNOWN);
    for (
      const change of [{ bucket: "c" }, { region: "s" }, { endpoint: "https://e" }, { accessKeyId: "k" }]
    ) {
      assert.equal(notes(change).read(), undefined);
    }
    nowMs += 7 * DAY - 1;
    assert.deepEqual(notes().read(), KNOWN);
    nowMs += 1;
    assert.equal(notes().read(), undefined, "a week old");
    nowMs -= 8 * DAY;
    assert.equal(notes().read(), undefined, "of the future");
    const [file, ...others] = [...Deno.readDirSync(directory)];
    assert.deepEqual(others, []);
    assert.deepEqual(
      [Deno.statSync(directory), Deno.statSync(`${directory}/${file!.name}`)].map(({ mode }) =>
        mode! & 0o777
      ),
      [0o700, 0o600],
    );
    return Promise.resolve();
  }));

Deno.test("what is kept and damaged, or could do harm, is not used", () =>
  withDirectory((directory) => {
    const notes = new AbilityNotes(directory, LOCATION);
    notes.write(KNOWN);
    const path = `${directory}/${[...Deno.readDirSync(directory)][0]!.name}`;
    const written = JSON.parse(Deno.readTextFileSync(path));
    const damaged = [
      { ...written, checksum: "sha1" },
      { ...written, listing: undefined },
      { ...written, region: "eu.example.com/" },
      { ...written, manyRemovals: 501 },
      { ...written, checksumSeen: "x".repeat(301) },
      { ...written, seenMs: "yesterday" },
      null,
      [],
    ].map((value) => JSON.stringify(value));
    for (const text of [...damaged, "", "{", "x".repeat(1 << 20)]) {
      Deno.writeTextFileSync(path, text);
      assert.equal(notes.read(), undefined, text.slice(0, 200));
    }
    Deno.writeTextFileSync(path, JSON.stringify(written));
    assert.deepEqual(notes.read(), KNOWN);
    return Promise.resolve();
  }));
