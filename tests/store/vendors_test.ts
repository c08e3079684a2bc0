import assert from "node:assert/strict";
import { ExistsError } from "../../src/base/errors.ts";
import { silent } from "../../src/report/events.ts";
import { removeObjects } from "../../src/store/remove_objects.ts";
import { openStore } from "../../src/store/open.ts";
import { VendorServer } from "../fixtures/vendor_server.ts";
import { VENDORS } from "../fixtures/vendors.ts";
import { collect, noise, sha256, text } from "./objects.ts";

const POLICY = { baseMs: 1, maxDelayMs: 2 };

for (const profile of VENDORS) {
  Deno.test(`a store as ${profile.name}: objects are stored, listed, read, replaced by no one, and removed`, async () => {
    await using server = new VendorServer(profile);
    await using store = await openStore(server.location(), silent, { policy: POLICY });
    const names = Array.from({ length: 20 }, (_, i) => `d${i % 3}/${String(i).padStart(2, "0")}`).sort();
    for (const name of names) {
      await store.put(name, text(name), { sha256: sha256(text(name)), createOnly: true });
    }
    assert.deepEqual((await collect(store.list(""))).map(({ name }) => name), names);
    assert.deepEqual(await store.folders!(""), ["d0", "d1", "d2"]);
    assert.deepEqual(await store.get("d1/01", { range: { offset: 1, length: 3 } }), text("1/0"));
    assert.equal(await store.size("d1/01"), 5);
    assert.equal(await store.size("d1/99"), undefined);
    if (profile.conditions !== "ignored") {
      await assert.rejects(store.put("d1/01", text("other"), { createOnly: true }), ExistsError);
      assert.deepEqual(await store.get("d1/01"), text("d1/01"));
    }
    await store.remove("d1/01");
    assert.equal(await store.size("d1/01"), undefined);
  });

  Deno.test(`a store as ${profile.name}: what it refuses is asked once, and what it does is known`, async () => {
    await using server = new VendorServer(profile);
    await using store = await openStore(server.location(), silent, { policy: POLICY });
    await store.put("a", text("a"), { createOnly: true });
    await store.put("a", text("b"), { createOnly: true }).catch(() => {});
    await collect(store.list(""));
    const asked = server.seen.length;
    await store.put("b", text("b"));
    assert.equal(server.seen.length, asked + 1, "one request for a plain PUT");
    const { conditionalWrites, checksum, region } = store.abilities!;
    const cannot = ["501", "400", "inverted"].includes(profile.conditions);
    if (profile.conditions !== "ignored") assert.equal(conditionalWrites.seen, cannot ? "no" : "yes");
    else assert.equal(conditionalWrites.seen, "unknown");
    assert.equal(checksum, profile.checksums[0] ?? "none");
    assert.equal(region, profile.region);
  });

  Deno.test(`a store as ${profile.name}: many objects are removed, by one request where it can`, async () => {
    await using server = new VendorServer(profile);
    await using store = await openStore(server.location(), silent, { policy: POLICY });
    const names = Array.from({ length: 40 }, (_, i) => `d/${i}`);
    for (const name of names) await store.put(name, text(name));
    const asked = server.seen.length;
    assert.deepEqual(await removeObjects(store, [...names.slice(1), "d/none"]), []);
    assert.deepEqual((await collect(store.list(""))).map(({ name }) => name), ["d/0"]);
    const requests = server.seen.slice(asked).filter((line) => !line.startsWith("GET"));
    const can = profile.manyRemovals === "yes";
    assert.equal(requests.length, can ? 1 : 41, requests.join("\n"));
    assert.equal(store.abilities!.manyRemovals.seen, can ? "yes" : "no");
    await removeObjects(store, names);
    assert.equal(server.seen.filter((line) => line.startsWith("POST")).length, can ? 2 : 1, "asked once");
  });

  Deno.test(`a store as ${profile.name}: a large object goes in parts`, async () => {
    await using server = new VendorServer(profile);
    await using store = await openStore(server.location(), silent, {
      policy: POLICY,
      multipartFromBytes: 1 << 20,
    });
    const large = noise(11 << 20);
    await store.put("large", large, { createOnly: true });
    assert.equal(sha256(await store.get("large")), sha256(large));
  });
}

Deno.test("a store whose clock is another is looked at right from the first call", async () => {
  const profile = VENDORS.find(({ skewMs }) => skewMs !== undefined)!;
  await using server = new VendorServer(profile);
  await using store = await openStore(server.location(), silent, { policy: POLICY });
  assert.equal(await store.size("a"), undefined);
  await using inOtherRegion = new VendorServer({ ...profile, skewMs: 0, region: "elsewhere" });
  await using other = await openStore(inOtherRegion.location(), silent, { policy: POLICY });
  assert.equal(await other.size("a"), undefined);
});
