import { endsPage, FNV_START, hashPath } from "../../src/model/page_cut.ts";
import { backUp } from "../../src/operations/backup/backup.ts";
import type { BackupThreads } from "../../src/operations/backup/backup_threads.ts";
import type { BackupOptions, BackupSummary } from "../../src/operations/backup/options.ts";
import type { RestoreOptions, RestoreSummary } from "../../src/operations/restore/options.ts";
import type { Tools } from "../../src/read/tools.ts";
import { restore } from "../../src/operations/restore/restore.ts";
import {
  type VerifyOptions,
  verifySnapshots,
  type VerifySummary,
} from "../../src/operations/verify/verify.ts";
import { hostOf } from "../../src/read/sealed_keys.ts";
import { loadHostKeys } from "../../src/operations/host_keys.ts";
import type { HostTools } from "../../src/read/hosts.ts";
import { hostPrefix } from "../../src/model/names.ts";
import { within } from "../../src/store/within.ts";
import type { Event } from "../../src/report/events.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import type { ObjectStore } from "../../src/store/store.ts";
import { settledTimes } from "../fixtures/settled_times.ts";
import { listTree, removeTree } from "../fixtures/tree.ts";

export const KEYS = await generateKeyPair({ postQuantum: false });

/** A machine with files in `data`, a store, and a clock that goes on by ten seconds whenever it is looked at. */
export class Machine implements AsyncDisposable {
  /** The store, which other machines may share. */
  readonly root: ObjectStore;
  /** The directory of this machine's host in it. */
  readonly store: ObjectStore;
  readonly host: string;
  readonly directory: string;
  readonly data: string;
  readonly events: Event[] = [];
  readonly options: BackupOptions;
  #time = Date.parse("2025-01-02T03:04:05Z");
  #restores = 0;

  constructor(directory: string, store: ObjectStore, change: Partial<BackupOptions>) {
    this.directory = directory;
    this.root = store;
    this.data = `${directory}/data`;
    Deno.mkdirSync(this.data);
    this.options = {
      name: "home",
      hostname: "web1",
      roots: [this.data],
      exclude: [],
      oneFileSystem: false,
      excludeCaches: false,
      recipients: [KEYS.recipient],
      indexPath: `${directory}/index/index.sqlite`,
      chunkSizeBytes: 1 << 16,
      blobSizeBytes: 1 << 22,
      compressionLevel: 1,
      readers: 1,
      ...change,
    };
    Deno.mkdirSync(`${directory}/index`, { mode: 0o700 });
    this.host = hostOf(loadHostKeys(this.options.indexPath));
    this.store = within(store, hostPrefix(this.host));
  }

  static async make(
    change: Partial<BackupOptions> = {},
    store: ObjectStore = new MemoryStore(),
  ): Promise<Machine> {
    const directory = await Deno.realPath(await Deno.makeTempDir({ prefix: "vaultik-operations-" }));
    return new Machine(directory, store, change);
  }

  /** What an operation on this host is given. */
  tools(change: Partial<HostTools> = {}): HostTools {
    return { ...this.rootTools(), store: this.store, host: this.host, ...change };
  }

  /** What an operation on the store is given. */
  rootTools(change: Partial<Tools> = {}): Tools {
    const { namesKey } = loadHostKeys(this.options.indexPath);
    return {
      store: this.root,
      own: this.host,
      namesKeys: new Map([[this.host, namesKey]]),
      report: (event) => void this.events.push(event),
      signal: new AbortController().signal,
      now: () => new Date(this.#time += 10_000),
      ...change,
    };
  }

  /** Writes a file, with the directories above it; by default its name is its contents. */
  write(name: string, contents: string | Uint8Array = name): void {
    const path = `${this.data}/${name}`;
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    if (typeof contents === "string") Deno.writeTextFileSync(path, contents);
    else Deno.writeFileSync(path, contents);
  }

  /**
   * Writes small files that make so many pages: `many/<page>-file-<0 to 9>`, and one more whose name ends the page. The first page
   * has the directories above too, which others change as well: `/tmp` is one.
   */
  writePages(count: number): void {
    for (let page = 0; page < count; page++) {
      const names = Array.from({ length: 10 }, (_, i) => `${page}-file-${i}`);
      let last = 0;
      while (!endsPage(hashPath(FNV_START, `${this.data}/many/${page}-last-${last}`))) last++;
      for (const name of [...names, `${page}-last-${last}`]) this.write(`many/${name}`);
    }
  }

  /** Backs up when all changes are old enough to be seen by their times. `tools.store` is the whole store, not the host's part. */
  async backUp(
    change: Partial<BackupOptions> = {},
    tools: Partial<Tools> = {},
    threads?: BackupThreads,
  ): Promise<BackupSummary> {
    await settledTimes();
    return await backUp(this.rootTools(tools), { ...this.options, ...change }, threads);
  }

  /** Restores into a new directory; `target` of what comes back is where `data` is then. */
  async restore(
    { id: snapshotId }: { readonly id: string },
    change: Partial<RestoreOptions> = {},
  ): Promise<RestoreSummary & { readonly data: string }> {
    const target = `${this.directory}/restored-${++this.#restores}`;
    const options = { snapshotId, target, paths: [], identities: [KEYS.identity], writers: 1, ...change };
    const summary = await restore(this.tools(), options);
    return { ...summary, data: target + this.data };
  }

  /** Verifies these snapshots, or all, with the key. */
  verify(backups: { readonly id: string } | readonly { readonly id: string }[] = []): Promise<VerifySummary> {
    const snapshotIds = [backups].flat().map(({ id }) => id);
    const options = { snapshotIds, deep: { identities: [KEYS.identity] }, readers: 1 };
    return verifySnapshots(this.tools(), options);
  }

  /** Verifies all snapshots without a key. */
  verifyQuick(change: Partial<VerifyOptions> = {}): Promise<VerifySummary> {
    return verifySnapshots(this.tools(), { snapshotIds: [], readers: 1, ...change });
  }

  /** Names of objects in the store. */
  async objects(prefix = ""): Promise<string[]> {
    return (await Array.fromAsync(this.store.list(prefix))).map(({ name }) => name);
  }

  /** Replaces an object by what `change` makes of its bytes. */
  async tamper(name: string, change: (bytes: Uint8Array) => Uint8Array): Promise<void> {
    await this.store.put(name, change(await this.store.get(name)));
  }

  texts(kind: "warning" | "note"): string[] {
    return this.events.flatMap((event) => "text" in event && event.kind === kind ? [event.text] : []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await removeTree(this.directory);
  }
}

/** Fails unless the restored tree is the one that was backed up, in everything. */
export async function assertSameTree(restored: string, original: string): Promise<void> {
  const [found, wanted] = await Promise.all([listTree(restored), listTree(original)]);
  const missing = wanted.filter((line) => !found.includes(line));
  const other = found.filter((line) => !wanted.includes(line));
  if (missing.length + other.length === 0) return;
  throw new Error(
    `Trees differ:\n- ${missing.slice(0, 9).join("\n- ")}\n+ ${other.slice(0, 9).join("\n+ ")}`,
  );
}
