// Makes the golden files: `deno run -A tests/golden/make.ts`, as root; with `lists` only the store that has lists. They were made once. To
// make them again is to say that backups of yesterday need not be readable today: raise the format's version instead, and add files beside these.

import { fileURLToPath } from "node:url";
import { backUp } from "../../src/operations/backup/backup.ts";
import { hostOf } from "../../src/read/sealed_keys.ts";
import { loadHostKeys } from "../../src/operations/host_keys.ts";
import { hostTools } from "../../src/read/hosts.ts";
import { closeFile } from "../../src/platform/read.ts";
import * as disk from "../../src/platform/write.ts";
import { openFileStore } from "../../src/store/file.ts";
import type { Manifest } from "../../src/model/manifest.ts";
import { executePrune } from "../../src/operations/prune/prune.ts";
import { surveyPrune } from "../../src/operations/prune/survey.ts";
import { removeSnapshots } from "../../src/operations/remove.ts";
import { readManifest } from "../../src/read/snapshots.ts";
import { listedFiles } from "./listed.ts";
import { readEntries } from "../operations/forge.ts";
import { ENCODED } from "./encoded.ts";

const HERE = fileURLToPath(new URL("./", import.meta.url));
const WORK = "/tmp/vaultik-golden";
const DATA = `${WORK}/data`;
const LISTED = `${WORK}/listed`;
const TOOLS = {
  report: () => {},
  signal: new AbortController().signal,
  now: () => new Date("2025-01-02T03:04:05Z"),
};
const OPTIONS = {
  name: "golden",
  hostname: "golden",
  exclude: ["*.tmp"],
  oneFileSystem: false,
  excludeCaches: true,
  chunkSizeBytes: 1024,
  blobSizeBytes: 1 << 20,
  compressionLevel: 19,
  readers: 1,
};

function makeData(): void {
  Deno.mkdirSync(`${DATA}/directory`, { recursive: true });
  const write = (name: string, contents: Uint8Array | string) => {
    const fd = disk.createFile(`${DATA}/${name}`);
    const bytes = typeof contents === "string" ? new TextEncoder().encode(contents) : contents;
    disk.writeAt(fd, bytes as Uint8Array<ArrayBuffer>, 0);
    disk.setFileMode(fd, 0o644);
    closeFile(fd);
  };
  write("empty", "");
  write("directory/text", "Hello from the past.\n".repeat(10));
  write("directory/latin-\xe9", "a name that is not UTF-8\n");
  // Of more than 1,024 chunks of 4 KiB at most: it has list pages.
  write("listed", new Uint8Array(1050 * 4096).fill(0x41));
  const sparse = disk.createFile(`${DATA}/sparse`);
  disk.setSize(sparse, 300_000);
  disk.writeAt(sparse, new TextEncoder().encode("data in the middle"), 131_072);
  closeFile(sparse);
  disk.makeHardlink(`${DATA}/directory/z-link`, `${DATA}/directory/text`);
  disk.makeSymlink(`${DATA}/symlink`, "directory/text");
  disk.makeNode(`${DATA}/fifo`, "fifo", [0, 0]);
  disk.setXattr(`${DATA}/empty`, "user.golden", btoa("value"));
  for (
    const name of ["directory/text", "directory/latin-\xe9", "empty", "listed", "sparse", "symlink", "fifo"]
  ) {
    disk.setTime(`${DATA}/${name}`, "1700000000123456789");
  }
  for (const name of ["directory", ""]) disk.setTime(`${DATA}/${name}`, "-1");
}

/**
 * A list needs many blobs: each backup changes one file. Where it ends is up to the names of the blobs, which are new each time.
 * The last two snapshots stay.
 */
async function makeListedStore(): Promise<void> {
  Deno.mkdirSync(LISTED, { recursive: true });
  const manifests: Manifest[] = [];
  for (let changed = 0; manifests.at(-2)?.lists.length !== 1; changed++) {
    const files = [...listedFiles(LISTED, changed)];
    for (const [path, contents] of changed === 0 ? files : [files[changed - 1]!]) {
      Deno.writeTextFileSync(path, contents);
    }
    manifests.push(await backUpListed(changed));
    Deno.writeTextFileSync(`${HERE}listed.json`, JSON.stringify({ changed }) + "\n");
  }
  await using store = await openFileStore(`${HERE}store-lists`);
  const tools = hostTools({ store, ...TOOLS, now: () => new Date() }, manifests[0]!.host);
  await removeSnapshots(tools, manifests.slice(0, -2).map(({ id }) => id));
  const options = { graceMs: 0, minAgeMs: 0, dryRun: false };
  for (let i = 0; i < 2; i++) await executePrune(tools, await surveyPrune(tools, options), options);
  Deno.removeSync(WORK, { recursive: true });
}

async function backUpListed(number: number): Promise<Manifest> {
  const [recipient] = keysOf("X25519");
  await using store = await openFileStore(`${HERE}store-lists`, { create: true });
  const tools = {
    store,
    ...TOOLS,
    now: () => new Date(Date.parse("2025-01-02T03:04:05Z") + number * 60_000),
  };
  const indexPath = `${WORK}/lists.sqlite`;
  const { id } = await backUp(tools, { ...OPTIONS, roots: [LISTED], recipients: [recipient], indexPath });
  return await readManifest(hostTools(tools, hostOf(loadHostKeys(indexPath))), id);
}

function keysOf(kind: string): [recipient: string, identity: string] {
  const key = Deno.readTextFileSync(`${HERE}TEST-KEY-${kind}.txt`);
  return [/# public key: (.*)/.exec(key)![1]!, /^AGE-SECRET-KEY.*$/m.exec(key)![0]];
}

async function makeStore(kind: string): Promise<void> {
  const [recipient, identity] = keysOf(kind);
  await using store = await openFileStore(`${HERE}store-${kind}`, { create: true });
  const tools = { store, ...TOOLS };
  const indexPath = `${WORK}/${kind}.sqlite`;
  const backup = await backUp(tools, { ...OPTIONS, roots: [DATA], recipients: [recipient], indexPath });
  const host = hostOf(loadHostKeys(indexPath));
  const machine = { tools: () => hostTools(tools, host) };
  const pages = await readEntries(machine, backup, identity);
  const entries = pages.flatMap(({ entries }) => entries);
  Deno.writeTextFileSync(`${HERE}entries-${kind}.json`, JSON.stringify(entries, undefined, 1) + "\n");
}

if (import.meta.main && Deno.args[0] === "lists") await makeListedStore();
else if (import.meta.main) {
  makeData();
  for (const kind of ["X25519", "hybrid"]) await makeStore(kind);
  for (const [name, encode] of Object.entries(ENCODED)) Deno.writeFileSync(HERE + name, encode());
  Deno.removeSync(WORK, { recursive: true });
}
