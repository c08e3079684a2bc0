// Plans a prune of a synthetic store: SNAPSHOTS manifests that name BLOBS blobs between them, most of them shared, some garbage.
//   deno run -A bench/prune.ts [SNAPSHOTS] [BLOBS]
// Prints the time of planning and the peak memory of the process, which includes the store (its listing is made up as it is read).
import { Buffer } from "node:buffer";
import { NotFoundError } from "../src/base/errors.ts";
import { compressFrame } from "../src/blob/zstd.ts";
import { addSignature, encodeManifest } from "../src/model/manifest.ts";
import { blobName, manifestName, snapshotId, snapshotName } from "../src/model/names.ts";
import { surveyPrune } from "../src/operations/prune/survey.ts";
import { silent } from "../src/report/events.ts";
import { newSigningKey, publicKeyOf, signText } from "../src/seal/signature.ts";
import { openFileStore } from "../src/store/file.ts";
import type { ObjectInfo, ObjectStore } from "../src/store/store.ts";

const [snapshots, blobs] = [Number(Deno.args[0] ?? 1_000), Number(Deno.args[1] ?? 1_000_000)];
/** How many times a blob is named on average. */
const SHARED = 10;
/** One blob in so many is named by nobody. */
const GARBAGE = 100;
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
const signingKey = newSigningKey();

/** A snapshot names what it has stored itself and what those before it have. */
function manifestOf(number: number): Uint8Array {
  const end = (number + 1) * fresh;
  const named = Array.from({ length: Math.min(end, SHARED * fresh) }, (_, i) => end - 1 - i);
  const time = new Date(OLD.getTime() + number * 60_000);
  const ids = named.filter((blob) => blob % GARBAGE !== 0).map(idOf).sort();
  const text = encodeManifest({
    id: snapshotId("web1", "data", time),
    hostId: "web1",
    hostname: "web1",
    name: "data",
    startedAt: time.toISOString(),
    finishedAt: time.toISOString(),
    totals: { files: 0, directories: 0, others: 0, bytes: 0 },
    incomplete: false,
    snapshot: { sha256: "00".repeat(32), size: 1000 },
    pages: [],
    blobs: ids.map((id) => [id, 16_777_216]),
    hostKey: publicKeyOf(signingKey),
  });
  return compressFrame(new TextEncoder().encode(addSignature(text, signText(text, signingKey))), 1);
}

/** Manifests in a directory; blobs that only a listing knows, in an order of their own. */
function listing(files: ObjectStore): ObjectStore {
  async function* list(prefix: string): AsyncIterable<ObjectInfo> {
    if (prefix !== "blobs/") return yield* files.list(prefix);
    for (let number = 0; number < blobs; number++) {
      yield { name: blobName("blobs", idOf(number)), size: 16_777_216, modified: OLD };
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

if (Deno.args[2] === undefined) {
  const directory = await Deno.makeTempDir({ prefix: "vaultik-bench-prune-" });
  try {
    const files = await openFileStore(directory);
    for (let number = 0; number < snapshots; number++) {
      const id = snapshotId("web1", "data", new Date(OLD.getTime() + number * 60_000));
      await Deno.mkdir(`${directory}/metadata/${id}`, { recursive: true });
      await Deno.writeFile(`${directory}/${manifestName(id)}`, manifestOf(number));
      await Deno.writeFile(`${directory}/${snapshotName(id)}`, new Uint8Array(1));
    }
    await files[Symbol.asyncDispose]();
    // Planned by another process: this one has made the manifests.
    const args = ["run", "-A", "--no-prompt", import.meta.filename!, `${snapshots}`, `${blobs}`, directory];
    const { code } = await new Deno.Command(Deno.execPath(), { args, stdout: "inherit", stderr: "inherit" })
      .output();
    Deno.exitCode = code;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
} else {
  const store = listing(await openFileStore(Deno.args[2]));
  const tools = { store, report: silent, signal: new AbortController().signal, now: () => new Date() };
  const start = performance.now();
  const { plan, named } = await surveyPrune(tools, { graceMs: DAY_MS, minAgeMs: 0, dryRun: true });
  const seconds = (performance.now() - start) / 1000;
  const peak = /VmHWM:\s+(\d+) kB/.exec(await Deno.readTextFile("/proc/self/status"))![1];
  console.log(
    `${named.snapshots} snapshots, ${named.ids.blobs.size} blobs named, ${plan.condemned.objects} to condemn, ` +
      `${plan.missing.length} missing: planned in ${seconds.toFixed(1)} s, peak ${
        Math.round(Number(peak) / 1024)
      } MiB`,
  );
}
