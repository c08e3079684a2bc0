import { identityToRecipient } from "age-encryption";
import { join } from "node:path";
import type { HostKeys } from "../src/model/host_keys.ts";
import { writeHostKeys } from "../src/operations/host_keys.ts";
import { openS3Store } from "../src/store/s3.ts";
import { locationAt } from "../tests/fixtures/s3_server.ts";
import { forgeHistory } from "./history_forge.ts";
import { type Cost, measure } from "./measure.ts";
import type { BenchS3 } from "./s3.ts";

const BUCKET = "forged";
const SNAPSHOTS = 10;
const BLOBS = 65_000;

interface Forged {
  readonly s3: BenchS3;
  readonly directory: string;
  readonly program: readonly string[];
  /** A file of the newest snapshot. */
  readonly path: string;
  readonly recipient: string;
  readonly keys: HostKeys;
}

/** What one file costs on the machine that made the backup and has lost its index, on another one that knows nothing of the store, and once more there. */
export type OneFile = Readonly<Record<string, Cost>>;

/** A host of 1,000,000 files and 1 TB. What comes of one of them is a few KB, so it is requests that take the time. */
export class ForgedHost {
  readonly #options: Forged;
  #restores = 0;

  private constructor(options: Forged) {
    this.#options = options;
  }

  /** The line is not in the way yet. */
  static async forge(s3: BenchS3, directory: string, program: readonly string[]): Promise<ForgedHost> {
    await Deno.mkdir(s3.bucketDirectory(BUCKET), { recursive: true });
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = s3.credentials;
    const place = { ...locationAt(s3.endpoint), bucket: BUCKET, accessKeyId, secretAccessKey };
    await using store = await openS3Store(place);
    const { identity, path, keys } = await forgeHistory(store, { snapshots: SNAPSHOTS, blobs: BLOBS });
    await Deno.mkdir(directory, { recursive: true });
    await Deno.writeTextFile(join(directory, "key.txt"), `${identity}\n`, { mode: 0o600 });
    const recipient = await identityToRecipient(identity);
    return new ForgedHost({ s3, directory, program, path, recipient, keys });
  }

  async restoreOne(): Promise<OneFile> {
    const [own, other] = ["own", "other"].map((machine) =>
      join(this.#options.directory, `${machine}-${this.#restores}`)
    ) as [string, string];
    writeHostKeys(indexIn(own), this.#options.keys);
    return {
      "on its own machine, without its index": await this.#restore(own, []),
      "elsewhere, cold": await this.#restore(other, ["--host", "web1"]),
      "elsewhere, warm": await this.#restore(other, ["--host", "web1"]),
    };
  }

  /** `machine` has the index and the cache. */
  async #restore(machine: string, which: readonly string[]): Promise<Cost> {
    const { s3, directory, program, path, recipient } = this.#options;
    const config = join(directory, "config.json");
    const settings = {
      age_recipients: [recipient],
      snapshots: { data: { paths: ["/data"] } },
      index_path: indexIn(machine),
    };
    await Deno.writeTextFile(config, JSON.stringify({ ...settings, s3: s3.section(BUCKET) }), {
      mode: 0o600,
    });
    const target = join(directory, `target-${this.#restores++}`);
    const words = ["restore", "latest", target, path, ...which, "--quiet"];
    const key = ["--config", config, "--identity", join(directory, "key.txt")];
    const before = await s3.requests();
    const cost = await measure([...program, ...words, ...key], { env: { XDG_CACHE_HOME: machine } });
    await Deno.stat(join(target, path));
    return { ...cost, requests: await s3.requests() - before };
  }
}

function indexIn(machine: string): string {
  return join(machine, "index.sqlite");
}
