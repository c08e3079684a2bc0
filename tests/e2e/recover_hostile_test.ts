import assert from "node:assert/strict";
import type { Entry } from "../../src/model/entry.ts";
import { openFileStore } from "../../src/store/file.ts";
import { directory, file, forge, hardlink, storeChunks, symlink } from "../operations/forge.ts";
import { KEYS, Machine } from "../operations/machine.ts";
import { missingForRecover, SCRIPT } from "./recover.ts";
import { hasProgram, testWith } from "./vaultik.ts";

/** A machine whose store is a directory, and `recover.py` for it. */
async function withMachine(
  work: (machine: Machine, recover: (id: string) => Promise<{ code: number; said: string }>) => Promise<void>,
): Promise<void> {
  const base = await Deno.makeTempDir({ prefix: "vaultik-hostile-" });
  try {
    await using store = await openFileStore(`${base}/store`, { create: true });
    await using machine = await Machine.make({}, store);
    await Deno.writeTextFile(`${base}/key`, `${KEYS.identity}\n`);
    await work(machine, async (id) => {
      const args = [SCRIPT, `${base}/store`, id, `${base}/key`, `${machine.directory}/target`];
      const { code, stderr } = await new Deno.Command("python3", { args }).output();
      return { code, said: new TextDecoder().decode(stderr) };
    });
  } finally {
    await Deno.remove(base, { recursive: true });
  }
}

const unknown = (path: string): Entry => ({ ...directory(path), kind: "door" as never, mode: 0o777 });

testWith(
  missingForRecover,
  "recover.py touches nothing outside its target, whatever a host has signed",
  () =>
    withMachine(async (machine, recover) => {
      const outside = `${machine.directory}/outside`;
      await Deno.mkdir(outside, { mode: 0o700 });
      await Deno.writeTextFile(`${outside}/secret`, "secret", { mode: 0o600 });
      const before = Deno.statSync(outside);
      const { places, object } = await storeChunks(machine, "blobs", [new TextEncoder().encode("contents")]);
      const bad = { ...places[0]!, blob: "././../../x" };
      const entries: Entry[] = [
        directory("/d"),
        symlink("/d/link", outside),
        unknown("/d/link"),
        directory("/d/link"),
        file("/d/link/below", places),
        symlink("/d/secret", `${outside}/secret`),
        file("/d/secret", places),
        hardlink("/d/hard", "/../outside/secret"),
        file("/../outside/up", places),
        file("/d/./dot", places),
        file("relative", places),
        file("/bad-chunk", [bad]),
        { ...file("/bad-list"), size: 8, lists: [bad], chunks: undefined },
        { ...file("/device-that-is-filled", places), kind: "fifo" },
        unknown("/unknown"),
        file("/good", places),
      ];
      const { id } = await forge(machine, entries, [object]);
      const { code, said } = await recover(id);
      assert.equal(code, 1, said);
      assert.deepEqual([...Deno.readDirSync(outside)].map(({ name }) => name), ["secret"]);
      assert.equal(Deno.readTextFileSync(`${outside}/secret`), "secret");
      const after = Deno.statSync(outside);
      assert.deepEqual([after.mode, after.mtime], [before.mode, before.mtime]);
      assert.equal(Deno.statSync(`${outside}/secret`).mode! & 0o777, 0o600);
      assert.equal(Deno.statSync(`${outside}/secret`).nlink, 1);
      assert.equal(Deno.readTextFileSync(`${machine.directory}/target/good`), "contents");
      for (const path of ["/d/link", "/d/hard", "/../outside/up", "/bad-chunk", "/bad-list", "/unknown"]) {
        assert.ok(said.includes(path), `${path} is not named:\n${said}`);
      }
      assert.deepEqual(
        [...Deno.readDirSync(machine.directory)].map(({ name }) => name).sort(),
        ["data", "index", "outside", "target"],
      );
    }),
);

const missing = missingForRecover ?? (hasProgram("openssl", "version") ? undefined : "openssl");

testWith(
  missing,
  "recover.py refuses a manifest that was changed, or is in another host's directory",
  () =>
    withMachine(async (machine, recover) => {
      const { id } = await forge(machine, [directory("/d")]);
      const name = `snapshots/${id}/manifest.json.zst`;
      const stored = await machine.store.get(name);
      const { zstdCompressSync, zstdDecompressSync } = await import("node:zlib");
      await machine.tamper(name, (bytes) => {
        const text = new TextDecoder().decode(zstdDecompressSync(bytes));
        return zstdCompressSync(text.replace('"incomplete":false', '"incomplete":true '));
      });
      assert.match(
        (await recover(id)).said,
        /^the manifest is forged or damaged: its signature does not fit$/m,
      );
      await machine.store.put(name, stored);
      const other = `hosts/${"a".repeat(26)}`;
      for await (const object of machine.store.list("snapshots/")) {
        await machine.root.put(`${other}/${object.name}`, await machine.store.get(object.name));
        await machine.store.remove(object.name);
      }
      assert.match((await recover(id)).said, /that of another host/);
    }),
);
