import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { atLeast } from "../../src/base/at_least.ts";
import { toLatin1 } from "../../src/base/bytes.ts";
import { decodeSeekTable } from "../../src/blob/seek_table.ts";
import { decodeList } from "../../src/model/blob_list.ts";
import { decodeHost, decodeKeys } from "../../src/model/host_keys.ts";
import { decodeManifest, splitSignature } from "../../src/model/manifest.ts";
import { decodeListPage, decodePage } from "../../src/model/page.ts";
import { decodePageRefs } from "../../src/model/page_refs.ts";
import { decodeRecord } from "../../src/model/prune_record.ts";
import { decodeSnapshot } from "../../src/model/snapshot.ts";
import { onlyHost } from "../../src/read/hosts.ts";
import { restore } from "../../src/operations/restore/restore.ts";
import { openHostKeys } from "../../src/read/sealed_keys.ts";
import { listSnapshots, readManifest, readSnapshot } from "../../src/read/snapshots.ts";
import { verifySnapshots } from "../../src/operations/verify/verify.ts";
import { AT_FDCWD, cString } from "../../src/platform/libc.ts";
import { openFile } from "../../src/platform/no_links.ts";
import { closeFile, openDirectory, readAt, readLink, readNames } from "../../src/platform/read.ts";
import { Stat } from "../../src/platform/stat.ts";
import { HeaderOpener } from "../../src/seal/age.ts";
import { openFileStore } from "../../src/store/file.ts";
import { readEntries } from "../operations/forge.ts";
import type { Event } from "../../src/report/events.ts";
import { ENCODED } from "./encoded.ts";
import { listedFiles } from "./listed.ts";
import {
  CHUNKS,
  ENTRIES,
  FRAMES,
  HOST_KEY,
  KEYS,
  MANIFEST,
  NAMED_BLOBS,
  RECORD,
  SNAPSHOT,
} from "./inputs.ts";

// Backups that were made once, by make.ts: whatever changes in the program, it reads these, and encodes as it did.

const HERE = fileURLToPath(new URL("./", import.meta.url));
const DATA = "/tmp/vaultik-golden/data";

for (const [name, encode] of Object.entries(ENCODED)) {
  Deno.test(`today's encoder writes ${name} byte for byte as it always did`, () => {
    assert.deepEqual(encode(), Deno.readFileSync(HERE + name));
  });
}

Deno.test("today's decoders read what encoders always wrote", () => {
  const text = (name: string) => Deno.readTextFileSync(HERE + name);
  assert.deepEqual(decodePage(text("page.jsonl")), ENTRIES);
  assert.deepEqual(decodeListPage(text("list_page.jsonl")), CHUNKS);
  const signed = (name: string) => {
    const { text, hostKey } = splitSignature(Deno.readFileSync(HERE + name));
    assert.equal(hostKey, HOST_KEY);
    return new TextDecoder().decode(text);
  };
  assert.deepEqual(decodeManifest(signed("manifest.json"), MANIFEST.host, MANIFEST.id), MANIFEST);
  const { created } = KEYS;
  assert.deepEqual(decodeHost(signed("host.json"), MANIFEST.host), { created, hostKey: HOST_KEY });
  assert.deepEqual(decodeKeys(text("keys.json")), KEYS);
  assert.deepEqual(decodeList(text("list.json")), NAMED_BLOBS);
  assert.deepEqual(decodePageRefs(text("page_list.jsonl")), SNAPSHOT.pages);
  assert.deepEqual(decodeRecord(text("record.json")), RECORD);
  assert.deepEqual(decodeSnapshot(text("snapshot.json")), SNAPSHOT);
  const frames = decodeSeekTable(Deno.readFileSync(HERE + "seek_table.bin"));
  assert.deepEqual(frames.map(({ stored, plain }) => ({ stored, plain })), FRAMES);
});

for (const kind of ["X25519", "hybrid"]) {
  const identities = [/^AGE-SECRET-KEY.*$/m.exec(Deno.readTextFileSync(`${HERE}TEST-KEY-${kind}.txt`))![0]];

  Deno.test(`a store that was sealed to the ${kind} test key is listed, verified and restored`, async () => {
    await using store = await openFileStore(`${HERE}store-${kind}`);
    const report = (event: Event) => assert.notEqual(event.kind, "warning");
    const signal = new AbortController().signal;
    const tools = await onlyHost({ store, report, signal, now: () => new Date() });
    const keys = (await openHostKeys(tools, new HeaderOpener(identities)))!;
    const namesKeys = new Map([[tools.host, keys.namesKey]]);
    const [{ id, name, hostname, files }, ...more] = atLeast(1, await listSnapshots({ ...tools, namesKeys }));
    assert.deepEqual([name, hostname, files, more], ["golden", "golden", 6, []]);
    const { problems } = await verifySnapshots(tools, {
      snapshotIds: [id],
      deep: { identities },
      readers: 1,
    });
    assert.deepEqual(problems, []);
    const pages = await readEntries({ tools: () => tools }, { id }, identities[0]);
    const expected = JSON.parse(Deno.readTextFileSync(`${HERE}entries-${kind}.json`));
    assert.deepEqual(pages.flatMap(({ entries }) => entries), expected);

    const target = await Deno.makeTempDir({ prefix: "vaultik-golden-" });
    try {
      const options = { snapshotId: id, target, paths: [DATA], identities, writers: 1 };
      const { damaged, files, directories, others } = await restore(tools, options);
      assert.deepEqual([damaged, files, directories, others], [[], 6, 4, 2]);
      assertRestored(target + DATA);
    } finally {
      await Deno.remove(target, { recursive: true });
    }
  });
}

Deno.test("a store with lists of blobs and of pages is listed, verified and restored", async () => {
  const root = "/tmp/vaultik-golden/listed";
  const identities = [/^AGE-SECRET-KEY.*$/m.exec(Deno.readTextFileSync(`${HERE}TEST-KEY-X25519.txt`))![0]];
  await using store = await openFileStore(`${HERE}store-lists`);
  const report = (event: Event) => assert.notEqual(event.kind, "warning");
  const tools = await onlyHost({
    store,
    report,
    signal: new AbortController().signal,
    now: () => new Date(),
  });
  const ids = (await listSnapshots(tools)).map(({ id }) => id);
  const [before, after] = atLeast(2, await Promise.all(ids.map((id) => readManifest(tools, id))));
  assert.equal(before.lists.length, 1);
  const { pageLists } = await readSnapshot(tools, after, new HeaderOpener(identities));
  assert.ok(pageLists.length > 0);
  const { problems } = await verifySnapshots(tools, { snapshotIds: [], deep: { identities }, readers: 1 });
  assert.deepEqual(problems, []);
  const { changed } = JSON.parse(Deno.readTextFileSync(`${HERE}listed.json`));
  for (const [i, id] of ids.entries()) {
    const target = await Deno.makeTempDir({ prefix: "vaultik-golden-" });
    try {
      const expected = listedFiles(root, changed - 1 + i);
      const { damaged, files } = await restore(tools, {
        snapshotId: id,
        target,
        paths: [],
        identities,
        writers: 1,
      });
      assert.deepEqual([damaged, files], [[], expected.size]);
      for (const [path, contents] of expected) assert.equal(Deno.readTextFileSync(target + path), contents);
    } finally {
      await Deno.remove(target, { recursive: true });
    }
  }
});

function assertRestored(data: string): void {
  const names = (path: string) => {
    const fd = openDirectory(AT_FDCWD, cString(path));
    const names = readNames(fd).sort();
    closeFile(fd);
    return names;
  };
  assert.deepEqual(names(data), ["directory", "empty", "fifo", "listed", "sparse", "symlink"]);
  assert.deepEqual(names(`${data}/directory`), ["latin-\xe9", "text", "z-link"]);
  assert.equal(contents(`${data}/directory/text`), "Hello from the past.\n".repeat(10));
  assert.equal(contents(`${data}/directory/latin-\xe9`), "a name that is not UTF-8\n");
  assert.equal(contents(`${data}/listed`), "A".repeat(1050 * 4096));
  const middle = "data in the middle";
  assert.equal(
    contents(`${data}/sparse`),
    "\0".repeat(131_072) + middle + "\0".repeat(300_000 - 131_072 - middle.length),
  );
  assert.equal(readLink(`${data}/symlink`), "directory/text");
  const stat = new Stat();
  for (const name of ["directory/text", "directory/z-link", "empty", "listed", "sparse", "symlink", "fifo"]) {
    assert.ok(stat.at(AT_FDCWD, cString(`${data}/${name}`)), name);
    assert.equal(stat.mtime, "1700000000123456789", name);
  }
  assert.ok(stat.at(AT_FDCWD, cString(data)));
  assert.equal(stat.mtime, "-1");
  assert.equal(Deno.lstatSync(`${data}/directory/text`).ino, Deno.lstatSync(`${data}/directory/z-link`).ino);
}

/** As text whose char codes are the bytes. */
function contents(path: string): string {
  const fd = openFile(cString(path));
  const bytes = new Uint8Array(8 << 20);
  const length = readAt(fd, bytes, 0);
  closeFile(fd);
  return toLatin1(bytes.subarray(0, length));
}
