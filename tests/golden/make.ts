// Makes the golden files: `deno run -A tests/golden/make.ts`, as root. They were made once. To make them anew is to say that
// backups of yesterday need not be readable today: raise the format's version instead, and add files beside these.

import { fileURLToPath } from "node:url";
import { backUp } from "../../src/operations/backup/backup.ts";
import { hostOf, loadHostKeys } from "../../src/operations/host_keys.ts";
import { hostTools } from "../../src/operations/hosts.ts";
import { closeFile } from "../../src/platform/read.ts";
import * as disk from "../../src/platform/write.ts";
import { openFileStore } from "../../src/store/file.ts";
import { readEntries } from "../operations/forge.ts";
import { ENCODED } from "./encoded.ts";

const HERE = fileURLToPath(new URL("./", import.meta.url));
const WORK = "/tmp/vaultik-golden";
const DATA = `${WORK}/data`;

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

async function makeStore(kind: string): Promise<void> {
  const key = Deno.readTextFileSync(`${HERE}TEST-KEY-${kind}.txt`);
  const recipient = /# public key: (.*)/.exec(key)![1];
  const identity = /^AGE-SECRET-KEY.*$/m.exec(key)![0];
  await using store = await openFileStore(`${HERE}store-${kind}`, { create: true });
  const now = () => new Date("2025-01-02T03:04:05Z");
  const tools = { store, report: () => {}, signal: new AbortController().signal, now };
  const backup = await backUp(tools, {
    name: "golden",
    hostname: "golden",
    roots: [DATA],
    exclude: ["*.tmp"],
    oneFileSystem: false,
    excludeCaches: true,
    recipients: [recipient],
    indexPath: `${WORK}/${kind}.sqlite`,
    chunkSizeBytes: 1024,
    blobSizeBytes: 1 << 20,
    compressionLevel: 19,
    readers: 1,
  });
  const host = hostOf(loadHostKeys(`${WORK}/${kind}.sqlite`));
  const machine = { tools: () => hostTools(tools, host) };
  const pages = await readEntries(machine, backup, identity);
  const entries = pages.flatMap(({ entries }) => entries);
  Deno.writeTextFileSync(`${HERE}entries-${kind}.json`, JSON.stringify(entries, undefined, 1) + "\n");
}

if (import.meta.main) {
  makeData();
  for (const kind of ["X25519", "hybrid"]) await makeStore(kind);
  for (const [name, encode] of Object.entries(ENCODED)) Deno.writeFileSync(HERE + name, encode());
  Deno.removeSync(WORK, { recursive: true });
}
