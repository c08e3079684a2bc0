import { release } from "../base/bytes.ts";
import { sha256Hex } from "../base/digest.ts";
import { compressFrame, decompressAll } from "../blob/zstd.ts";
import type { Identity } from "../seal/age.ts";
import { openForIdentity, sealForIdentity } from "../seal/identity_box.ts";
import { collectGarbage, giveMemoryBack } from "../platform/memory.ts";
import { giveProgramBack } from "../platform/program_memory.ts";
import type { MetadataCache } from "../store/metadata_cache.ts";
import { OpenedHost } from "./opened_host.ts";

/** Whatever is written otherwise than before has another name: an older program does not meet it. */
const FORM = "2";
/** Text of what is kept of a host at most. */
const TEXT_MAX = 128 * 1024 * 1024;
const LEVEL = 1;

/** A store, and what is kept of it on this machine. */
interface Stored {
  readonly cache?: MetadataCache;
  readonly store: { readonly location: string };
}

/**
 * What some identities have opened of the hosts of a store, kept on this machine, so that a second question opens nothing again. It is sealed
 * with a key that follows from all of them: who can read it could read the store, and who cannot could not have made it.
 */
export class OpenedCache {
  readonly #cache: MetadataCache;
  readonly #secret: string;
  readonly #location: string;
  readonly #hosts = new Map<string, OpenedHost>();
  readonly #listed = new Map<string, ReadonlySet<string>>();

  /** `undefined` where nothing is kept, and where one of the identities does not show its secret, as those of plugins. */
  static of({ cache, store }: Stored, identities: readonly Identity[]): OpenedCache | undefined {
    const secrets = identities.filter((one) => typeof one === "string");
    if (cache === undefined || secrets.length === 0 || secrets.length < identities.length) return undefined;
    return new OpenedCache(cache, [...new Set(secrets)].sort().join("\n"), store.location);
  }

  private constructor(cache: MetadataCache, secret: string, location: string) {
    this.#cache = cache;
    this.#secret = secret;
    this.#location = location;
  }

  host(host: string): OpenedHost {
    let opened = this.#hosts.get(host);
    if (opened === undefined) this.#hosts.set(host, opened = this.#load(host));
    return opened;
  }

  /** All snapshots of the host that the store has: what is kept of others is forgotten. */
  setListed(host: string, ids: Iterable<string>): void {
    this.#listed.set(host, new Set(ids));
  }

  /** Keeps what has changed, and forgets what the store has no more. */
  save(): void {
    for (const [host, opened] of this.#hosts) {
      const ids = this.#listed.get(host);
      const isFewer = ids !== undefined && opened.hasOthers(ids);
      if (!opened.isChanged && !isFewer) continue;
      // Text of all of it is made, beside which nothing should be that is not needed.
      collectGarbage();
      giveMemoryBack();
      giveProgramBack();
      const text = (isFewer ? opened.only(ids) : opened).encode();
      if (text.length > TEXT_MAX) continue;
      giveProgramBack();
      const compressed = compressFrame(text, LEVEL);
      release(text);
      const sealed = sealForIdentity(compressed, this.#secret, host);
      this.#cache.put("opened", this.#nameOf(host), sealed);
      opened.isChanged = false;
    }
  }

  #load(host: string): OpenedHost {
    const box = this.#cache.get("opened", this.#nameOf(host));
    const plain = box && openForIdentity(box, this.#secret, host);
    if (plain === undefined) return new OpenedHost();
    return OpenedHost.decode(decompressAll(plain, TEXT_MAX));
  }

  /** Other identities, and another copy of the store, has another. */
  #nameOf(host: string): string {
    const what = `${FORM} ${sha256Hex(new TextEncoder().encode(this.#secret))} ${this.#location}`;
    return `${host}-${sha256Hex(new TextEncoder().encode(what)).slice(0, 16)}`;
  }
}
