import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { NotFoundError } from "../src/base/errors.ts";
import { cutLists, type ListRef, type NamedBlob } from "../src/model/blob_list.ts";
import type { HostKeys } from "../src/model/host_keys.ts";
import {
  blobName,
  hostPrefix,
  ID_RANDOM_BYTES,
  manifestName,
  snapshotId,
  snapshotName,
} from "../src/model/names.ts";
import { storeList } from "../src/write/publish.ts";
import { hostOf } from "../src/read/sealed_keys.ts";
import { type HostTools, hostTools } from "../src/read/hosts.ts";
import type { Tools } from "../src/read/tools.ts";
import { surveyPrune } from "../src/operations/prune/survey.ts";
import { sealedNames, signedManifest } from "../src/read/signed_manifest.ts";
import { silent } from "../src/report/events.ts";
import { newNamesKey, setTag } from "../src/seal/names_key.ts";
import { newSigningKey } from "../src/seal/signature.ts";
import { CountingStore } from "../src/store/counting.ts";
import { openFileStore } from "../src/store/file.ts";
import type { ObjectInfo, ObjectStore } from "../src/store/store.ts";

const HELP =
  `Plans a prune of a forged store, of which most blobs are shared and some are garbage; prints the time of planning and the peak
memory of the process, which includes the store (its listing is made up as it is read).

  --snapshots N  (default 1,000)
  --blobs N      that they name between them (default 1,000,000)
`;
/** What was forged, for the process that plans: the memory of the one that forges is not measured. */
interface Forged {
  readonly host: string;
  readonly directory: string;
}

const { values } = parseArgs({
  options: {
    snapshots: { type: "string", default: "1000" },
    blobs: { type: "string", default: "1000000" },
    help: { type: "boolean" },
  },
});
if (values.help) {
  console.log(HELP);
  Deno.exit();
}
const [snapshots, blobs] = [Number(values.snapshots), Number(values.blobs)];
const setting = Deno.env.get("VAULTIK_BENCH");
const forged: Forged | undefined = setting === undefined ? undefined : JSON.parse(setting);
/** How many times a blob is named on average. */
const SHARED = 10;
/** One blob in so many is named by no one. */
const GARBAGE = 100;
const BLOB_BYTES = 16_777_216;
const DAY_MS = 24 * 3_600_000;
const OLD = new Date(Date.now() - 10 * DAY_MS);

const words = new Uint32Array(8);
const bytes = Buffer.from(words.buffer);

/** Looks like a hash, and costs next to nothing: making ids up is not what is measured. */
function idOf(number: number): string {
  for (let i = 0; i < 8; i++) {
    let word = Math.imul(number * 8 + i + 1, 0x9e3779b1);
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
    words[i] = word ^ (word >>> 13);
  }
  return bytes.toString("hex");
}
const fresh = Math.ceil(blobs / snapshots);
const keys: HostKeys = {
  signingKey: newSigningKey(),
  chunkerSeed: "00".repeat(32),
  namesKey: newNamesKey(),
};
const host = forged?.host ?? hostOf(keys);
const lists = new Map<string, ListRef>();

/** A snapshot names what it has stored itself and what those before it have, in lists that it shares with them. */
async function manifestOf(tools: HostTools, number: number): Promise<{ id: string; manifest: Uint8Array }> {
  const end = (number + 1) * fresh;
  const first = Math.max(0, end - SHARED * fresh);
  const numbers = Array.from({ length: end - first }, (_, i) => first + i);
  const named = numbers.filter((blob) => blob % GARBAGE !== 0)
    .map((blob): NamedBlob => ["blobs", idOf(blob), BLOB_BYTES]);
  const { lists: full, tail } = cutLists(named);
  const refs: ListRef[] = [];
  for (const list of full) {
    const key = `${list[0]![1]} ${list.length}`;
    if (!lists.has(key)) lists.set(key, await storeList(tools, list));
    refs.push(lists.get(key)!);
  }
  const time = new Date(OLD.getTime() + number * 60_000);
  const set = setTag("data", keys.namesKey);
  const id = snapshotId(time, randomBytes(ID_RANDOM_BYTES), set);
  const names = { hostname: "web1", name: "data", files: 0, directories: 0, others: 0, bytes: 0, stored: 0 };
  const manifest = signedManifest({
    id,
    host,
    startedAt: time.toISOString(),
    finishedAt: time.toISOString(),
    set,
    incomplete: false,
    names: sealedNames(names, keys.namesKey, host, id),
    snapshot: { sha256: "00".repeat(32), size: 1000 },
    lists: refs,
    tail,
  }, keys.signingKey);
  return { id, manifest };
}

/** Manifests and lists in a directory; blobs that only a listing knows, in an order of their own. */
function listing(files: ObjectStore): ObjectStore {
  async function* list(prefix: string): AsyncIterable<ObjectInfo> {
    if (prefix !== `${hostPrefix(host)}blobs/`) return yield* files.list(prefix);
    for (let number = 0; number < blobs; number++) {
      yield { name: hostPrefix(host) + blobName("blobs", idOf(number)), size: BLOB_BYTES, modified: OLD };
    }
  }
  return {
    location: files.location,
    put: files.put.bind(files),
    get: files.get.bind(files),
    size: () => Promise.reject(new NotFoundError("not asked for")),
    list,
    remove: files.remove.bind(files),
    [Symbol.asyncDispose]: () => files[Symbol.asyncDispose](),
  };
}

function toolsOf(store: ObjectStore): Tools {
  return { store, report: silent, signal: new AbortController().signal, now: () => new Date() };
}

/** Forges the store and has another process plan. */
async function forge(): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "vaultik-bench-prune-" });
  try {
    const files = await openFileStore(directory);
    const tools = hostTools(toolsOf(files), host);
    for (let number = 0; number < snapshots; number++) {
      const { id, manifest } = await manifestOf(tools, number);
      await tools.store.put(manifestName(id), manifest);
      await tools.store.put(snapshotName(id), new Uint8Array(1));
    }
    await files[Symbol.asyncDispose]();
    const args = ["run", "-A", "--no-prompt", import.meta.filename!, ...Deno.args];
    const env = { VAULTIK_BENCH: JSON.stringify({ host, directory } satisfies Forged) };
    const command = new Deno.Command(Deno.execPath(), { args, env, stdout: "inherit", stderr: "inherit" });
    Deno.exitCode = (await command.output()).code;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function measurePlan(directory: string): Promise<void> {
  const store = new CountingStore(listing(await openFileStore(directory)));
  const tools = hostTools(toolsOf(store), host);
  const start = performance.now();
  const { plan, named } = await surveyPrune(tools, { graceMs: DAY_MS, minAgeMs: 0, dryRun: true });
  const seconds = (performance.now() - start) / 1000;
  const peak = /VmHWM:\s+(\d+) kB/.exec(await Deno.readTextFile("/proc/self/status"))![1];
  console.log(
    `${named.snapshots} snapshots, ${named.ids.blobs.size} blobs named, ${plan.marked.objects} to mark, ` +
      `${plan.missing.length} missing: planned in ${seconds.toFixed(1)} s, ${
        Math.round(store.counts.get.bytes / 2 ** 20)
      } MiB read, peak ${Math.round(Number(peak) / 1024)} MiB`,
  );
}

await (forged === undefined ? forge() : measurePlan(forged.directory));
