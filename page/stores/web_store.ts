import type { CallOptions, GetOptions } from "../../src/store/store.ts";
import { bytesOf, failureOf, rangeHeader, ReadOnlyStore } from "./read_only.ts";

/** A store whose objects are had by requests, each at an address of its own. */
export abstract class WebStore extends ReadOnlyStore {
  readonly connections = 6;

  /** The answer to a request for the object. */
  protected abstract request(name: string, init: RequestInit): Promise<Response>;

  async get(name: string, options: GetOptions = {}): Promise<Uint8Array> {
    const answer = await this.request(name, { headers: rangeHeader(options), signal: options.signal });
    return await bytesOf(name, answer, options);
  }

  async size(name: string, { signal }: CallOptions = {}): Promise<number | undefined> {
    const answer = await this.request(name, { method: "HEAD", signal });
    if (answer.status === 404) return undefined;
    if (!answer.ok) throw failureOf(`read "${name}"`, answer);
    return Number(answer.headers.get("content-length"));
  }
}
