import type { S3Client } from "@aws-sdk/client-s3";
import { CorruptionError, ExistsError, NotFoundError } from "../base/errors.ts";
import { type Watch, withIdleLimit } from "./idle_limit.ts";
import { checkName, checkPrefix, isName } from "./names.ts";
import { describeEndpoint, openClient, type S3Location, type Sdk, sendOptions } from "./s3_client.ts";
import { codeOf, fromS3Error } from "./s3_errors.ts";
import { checkExtent, readExactly } from "./s3_read.ts";
import { uploadParts, uploadWhole } from "./s3_upload.ts";
import type { ByteRange, CallOptions, ObjectInfo, ObjectStore, PutOptions } from "./store.ts";

export interface S3StoreOptions {
  /** A call in which no byte moves for so long has failed. Default: 60 s. */
  readonly idleLimitMs?: number;
  /** Larger objects are uploaded in parts. Default: 100 MiB. */
  readonly multipartFromBytes?: number;
}

const HEAD_ACTION = "look for";

/** A store in a bucket. Sends nothing yet. */
export async function openS3Store(location: S3Location, options: S3StoreOptions = {}): Promise<ObjectStore> {
  const { sdk, client } = await openClient(location);
  return new S3Store(sdk, client, location, options);
}

class S3Store implements ObjectStore {
  readonly location: string;
  readonly #sdk: Sdk;
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #endpoint: string;
  readonly #keyPrefix: string;
  readonly #partSizeBytes: number;
  readonly #idleLimitMs: number;
  readonly #multipartFromBytes: number;
  /** Until the store says that it has none. */
  #hasConditionalWrites = true;
  /** A HEAD has no body to tell a missing object from a missing bucket; once seen, the bucket is there. */
  #isBucketSeen = false;

  constructor(sdk: Sdk, client: S3Client, location: S3Location, options: S3StoreOptions) {
    const prefix = location.prefix.replace(/^\/+|\/+$/g, "");
    this.location = `s3://${location.bucket}${prefix === "" ? "" : `/${prefix}`}`;
    this.#sdk = sdk;
    this.#client = client;
    this.#bucket = location.bucket;
    this.#endpoint = describeEndpoint(location);
    this.#keyPrefix = prefix === "" ? "" : `${prefix}/`;
    this.#partSizeBytes = location.partSizeBytes;
    this.#idleLimitMs = options.idleLimitMs ?? 60_000;
    this.#multipartFromBytes = options.multipartFromBytes ?? 100 << 20;
  }

  async put(name: string, bytes: Uint8Array, options: PutOptions = {}): Promise<void> {
    checkName(name);
    const isConditional = Boolean(options.createOnly) && this.#hasConditionalWrites;
    if (options.createOnly && !isConditional) await this.#checkFree(name, options);
    try {
      await this.#upload(name, bytes, options, isConditional);
    } catch (error) {
      if (!isConditional || codeOf((error as Error).cause).status !== 501) throw error;
      this.#hasConditionalWrites = false;
      await this.put(name, bytes, options);
    }
  }

  async get(name: string, options: CallOptions & { readonly range?: ByteRange } = {}): Promise<Uint8Array> {
    checkName(name);
    const { range } = options;
    const Range = range && `bytes=${range.offset}-${range.offset + range.length - 1}`;
    return await this.#call("read", name, options, async (watch) => {
      const command = new this.#sdk.GetObjectCommand({ ...this.#target(name), Range });
      const { Body, ContentLength, ContentRange } = await this.#client.send(
        command,
        sendOptions(watch, true),
      );
      const body = Body as unknown as ReadableStream<Uint8Array>;
      try {
        checkExtent(this.#thing(name), range, ContentLength, ContentRange);
        return await readExactly(body, ContentLength!, watch);
      } catch (error) {
        body.cancel().catch(() => {});
        throw error;
      }
    });
  }

  async size(name: string, options: CallOptions = {}): Promise<number | undefined> {
    checkName(name);
    try {
      return await this.#call(HEAD_ACTION, name, options, async (watch) => {
        const command = new this.#sdk.HeadObjectCommand(this.#target(name));
        return (await this.#client.send(command, sendOptions(watch))).ContentLength;
      });
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      if (!this.#isBucketSeen) await this.#confirmAbsence(name, options);
      return undefined;
    }
  }

  async *list(prefix: string, options: CallOptions = {}): AsyncIterable<ObjectInfo> {
    checkPrefix(prefix);
    const Prefix = this.#keyPrefix + prefix;
    let ContinuationToken: string | undefined;
    do {
      const input = { Bucket: this.#bucket, Prefix, ContinuationToken };
      const command = new this.#sdk.ListObjectsV2Command(input);
      const send = (watch: Watch) => this.#client.send(command, sendOptions(watch));
      const page = await this.#call("list", prefix, options, send);
      for (const { Key, Size, LastModified } of page.Contents ?? []) {
        const name = Key!.slice(this.#keyPrefix.length);
        if (isName(name)) yield { name, size: Size!, modified: LastModified! };
      }
      ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (ContinuationToken !== undefined);
  }

  async remove(name: string, options: CallOptions = {}): Promise<void> {
    checkName(name);
    try {
      const command = new this.#sdk.DeleteObjectCommand(this.#target(name));
      await this.#call("remove", name, options, (watch) => this.#client.send(command, sendOptions(watch)));
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve(this.#client.destroy());
  }

  #target(name: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: this.#keyPrefix + name };
  }

  #thing(name: string): string {
    return name === "" ? this.location : `${this.location}/${name}`;
  }

  async #call<T>(
    action: string,
    name: string,
    { signal }: CallOptions,
    work: (watch: Watch) => Promise<T>,
  ): Promise<T> {
    const call = {
      action,
      thing: this.#thing(name),
      bucket: this.#bucket,
      endpoint: this.#endpoint,
      isHead: action === HEAD_ACTION,
    };
    try {
      const result = await withIdleLimit(this.#idleLimitMs, signal, work);
      this.#isBucketSeen = true;
      return result;
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw fromS3Error(error, call);
    }
  }

  /** Asks by GET, whose answer has a body that tells what is missing. */
  async #confirmAbsence(name: string, options: CallOptions): Promise<void> {
    try {
      await this.get(name, { ...options, range: { offset: 0, length: 1 } });
    } catch (error) {
      if (!(error instanceof NotFoundError || error instanceof CorruptionError)) throw error;
      this.#isBucketSeen = true;
    }
  }

  /** The second best, for stores without conditional writes: two writers at the same instant both succeed. */
  async #checkFree(name: string, options: CallOptions): Promise<void> {
    if (await this.size(name, options) === undefined) return;
    throw new ExistsError(`Cannot write "${this.#thing(name)}": it exists`);
  }

  #upload(name: string, bytes: Uint8Array, options: PutOptions, isConditional: boolean): Promise<void> {
    return this.#call("write", name, options, (watch) => {
      const tools = { sdk: this.#sdk, client: this.#client, watch };
      const { sha256 } = options;
      const upload = { target: this.#target(name), thing: this.#thing(name), bytes, sha256, isConditional };
      if (bytes.length <= this.#multipartFromBytes) return uploadWhole(upload, tools);
      return uploadParts(upload, this.#partSizeBytes, tools);
    });
  }
}
