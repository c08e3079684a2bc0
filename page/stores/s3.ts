import { AwsClient } from "aws4fetch";
import { UsageError } from "../../src/base/errors.ts";
import { isName } from "../../src/store/names.ts";
import type { CallOptions, ObjectInfo } from "../../src/store/store.ts";
import { ask, failureOf } from "./read_only.ts";
import { WebStore } from "./web_store.ts";

/** What the user typed in. */
export interface S3Address {
  /** `https://s3.example.com`. */
  readonly endpoint: string;
  readonly bucket: string;
  /** Empty, or ends with `/`. */
  readonly prefix: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const PAGES_MAX = 100_000;

/** A bucket, by its path: every vendor takes that, and no name of a bucket needs a certificate. */
export class S3Store extends WebStore {
  readonly location: string;
  readonly #client: AwsClient;
  readonly #address: S3Address;

  constructor(address: S3Address) {
    super();
    const { bucket, prefix, region, accessKeyId, secretAccessKey } = address;
    this.#address = address;
    this.location = `s3://${bucket}/${prefix}`.replace(/\/$/, "");
    this.#client = new AwsClient({
      accessKeyId,
      secretAccessKey,
      region,
      service: "s3",
      retries: 0,
    });
  }

  async *list(
    prefix: string,
    options: CallOptions = {},
  ): AsyncGenerator<ObjectInfo> {
    for await (const page of this.#pages(prefix, undefined, options)) {
      for (const object of page.getElementsByTagName("Contents")) {
        const name = textIn(object, "Key").slice(this.#address.prefix.length);
        if (!isName(name)) continue;
        const [size, modified] = [
          Number(textIn(object, "Size")),
          new Date(textIn(object, "LastModified")),
        ];
        yield { name, size, modified };
      }
    }
  }

  async folders(prefix: string, options: CallOptions = {}): Promise<string[]> {
    const folders: string[] = [];
    const start = this.#address.prefix.length + prefix.length;
    for await (const page of this.#pages(prefix, "/", options)) {
      for (const folder of page.getElementsByTagName("CommonPrefixes")) {
        folders.push(textIn(folder, "Prefix").slice(start, -1));
      }
    }
    return folders;
  }

  async *#pages(
    prefix: string,
    delimiter: string | undefined,
    { signal }: CallOptions,
  ): AsyncGenerator<Document> {
    let token: string | undefined;
    for (let count = 0; count < PAGES_MAX; count++) {
      const url = this.#url("");
      url.searchParams.set("list-type", "2");
      url.searchParams.set("prefix", this.#address.prefix + prefix);
      if (delimiter !== undefined) url.searchParams.set("delimiter", delimiter);
      if (token !== undefined) {
        url.searchParams.set("continuation-token", token);
      }
      const answer = await this.#send(`list "${prefix}"`, url, { signal });
      if (!answer.ok) throw failureOf(`list "${prefix}"`, answer);
      const page = new DOMParser().parseFromString(
        await answer.text(),
        "text/xml",
      );
      if (page.getElementsByTagName("ListBucketResult").length === 0) {
        throw new UsageError(
          `Cannot list "${prefix}": what answers there is no S3`,
        );
      }
      yield page;
      token = textIn(page, "NextContinuationToken") || undefined;
      if (token === undefined) return;
    }
    throw new UsageError(`Cannot list "${prefix}": the listing never ends`);
  }

  protected request(name: string, init: RequestInit): Promise<Response> {
    return this.#send(`read "${name}"`, this.#url(`/${this.#address.prefix}${name}`), init);
  }

  #url(path: string): URL {
    const { endpoint, bucket } = this.#address;
    return new URL(`${endpoint.replace(/\/+$/, "")}/${bucket}${path}`);
  }

  #send(what: string, url: URL, init: RequestInit): Promise<Response> {
    return ask(
      what,
      () => this.#client.fetch(url, { ...init, cache: "no-store" }),
    );
  }
}

function textIn(node: Element | Document, tag: string): string {
  return node.getElementsByTagName(tag)[0]?.textContent ?? "";
}
