import assert from "node:assert/strict";
import { MetadataCache } from "../../src/store/metadata_cache.ts";

const MIB = 2 ** 20;
const KEPT_MAX = 256 * MIB;

async function withDirectory(work: (directory: string) => void): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "vaultik-cache-" });
  try {
    work(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const bytes = (...values: number[]) => new Uint8Array(values);

Deno.test("what was kept comes back, by its kind and key only, and also to the next run", () =>
  withDirectory((directory) => {
    const cache = new MetadataCache(`${directory}/new/cache`);
    assert.equal(cache.get("lists", "a"), undefined);
    cache.put("lists", "a", bytes(1));
    cache.put("lists", "a", bytes(2));
    cache.put("manifests", "a", bytes(3));
    for (const one of [cache, new MetadataCache(`${directory}/new/cache`)]) {
      assert.deepEqual([one.get("lists", "a"), one.get("manifests", "a")], [bytes(2), bytes(3)]);
      assert.equal(one.get("lists", "b"), undefined);
    }
  }));

Deno.test("only the owner may read what is kept, and nothing else is left behind", () =>
  withDirectory((directory) => {
    new MetadataCache(`${directory}/cache`).put("lists", "a", bytes(1));
    for (
      const [path, mode] of [["cache", 0o700], ["cache/lists", 0o700], ["cache/lists/a", 0o600]] as const
    ) {
      assert.equal(Deno.statSync(`${directory}/${path}`).mode! & 0o777, mode, path);
    }
    assert.deepEqual([...Deno.readDirSync(`${directory}/cache/lists`)].map(({ name }) => name), ["a"]);
  }));

Deno.test("a directory that cannot be made keeps nothing, and stops no one", () =>
  withDirectory((directory) => {
    Deno.writeTextFileSync(`${directory}/file`, "");
    const cache = new MetadataCache(`${directory}/file`);
    cache.put("lists", "a", bytes(1));
    assert.equal(cache.get("lists", "a"), undefined);
  }));

Deno.test("where there is too much, the oldest goes, of either kind", () =>
  withDirectory((directory) => {
    new MetadataCache(directory).put("lists", "any", bytes());
    // Sparse, and one more than there may be.
    const count = 8;
    for (let i = 0; i <= count; i++) {
      const path = `${directory}/${i % 2 === 0 ? "lists" : "manifests"}/${i}`;
      Deno.createSync(path).close();
      Deno.truncateSync(path, KEPT_MAX / count);
      Deno.utimeSync(path, 1000 + i, 1000 + i);
    }
    const kept = (directory: string, kind: string) =>
      [...Deno.readDirSync(`${directory}/${kind}`)].map(({ name }) => name).sort();
    new MetadataCache(directory).put("lists", "new", bytes(1));
    assert.deepEqual(kept(directory, "manifests"), ["3", "5", "7"]);
    assert.deepEqual(kept(directory, "lists"), ["4", "6", "8", "any", "new"]);
  }));
