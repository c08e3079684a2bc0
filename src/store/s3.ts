import { fromBase64, toHex } from "../base/bytes.ts";
import type { S3Client } from "@aws-sdk/client-s3";
import { sha256Hex } from "../base/digest.ts";
import {
  CorruptionError,
  ExistsError,
  NotFoundError,
  RefusedError,
  UnavailableError,
} from "../base/errors.ts";
import { type Watch, withIdleLimit } from "./idle_limit.ts";
import { checkName, checkPrefix, isName } from "./names.ts";
import { describeEndpoint, openClient, type Opened, type S3Location, sendOptions } from "./s3_client.ts";
import { s3ColdStorage } from "./s3_cold.ts";
import { haveEnded, RenewableClient } from "./s3_credentials.ts";
import { checkIsS3, codeOf, fromS3Error } from "./s3_errors.ts";
import { lockEnd, lockMode, lockNeeded, putHeaders } from "./s3_put_options.ts";
import { checkExtent, checkMaximum, readExactly } from "./s3_read.ts";
import { uploadParts, uploadWhole } from "./s3_upload.ts";
import type {
  CallOptions,
  ColdStorage,
  GetOptions,
  ObjectInfo,
  ObjectLocks,
  ObjectStore,
  PutOptions,
} from "./store.ts";
import type { Pacer } from "./pacer.ts";
import { Traffic } from "./traffic.ts";

export interface S3StoreOptions {
  /** Instead of what the location says. */
  readonly idleLimitMs?: number;
  /** Larger objects are uploaded in parts. Default: 100 MiB. */
  readonly multipartFromBytes?: number;
  /** Counts each request. */
  readonly traffic?: Traffic;
  /** Holds back what is sent and received, in small pieces. */
  readonly pacer?: Pacer;
}

const IDLE_LIMIT_MS = 60_000;

const HEAD_ACTION = "look for";

/** A store in a bucket. Sends nothing yet. */
export async function openS3Store(location: S3Location, options: S3StoreOptions = {}): Promise<ObjectStore> {
  const opened = await openClient(location, options.traffic ?? new Traffic(), options.pacer);
  return new S3Store(opened, location, options);
}

class S3Store implements ObjectStore {
  readonly location: string;
  readonly #sdk: Opened["sdk"];
  readonly #client: RenewableClient;
  readonly #at: S3Location;
  readonly #endpoint: string;
  readonly #keyPrefix: string;
  readonly #pacer: Pacer | undefined;
  readonly #idleLimitMs: number;
  readonly #multipartFromBytes: number;
  /** What a PUT may ask for, until the store says that it cannot do it. */
  readonly #can = { conditionalWrites: true, checksums: true };
  /** A HEAD has no body to tell a missing object from a missing bucket; once seen, the bucket is there. */
  #isBucketSeen = false;

  constructor({ sdk, client, reopen }: Opened, location: S3Location, options: S3StoreOptions) {
    const prefix = location.prefix.replace(/^\/+|\/+$/g, "");
    this.location = `s3://${location.bucket}${prefix === "" ? "" : `/${prefix}`}`;
    this.#sdk = sdk;
    this.#client = new RenewableClient(client, reopen);
    this.#at = location;
    this.#pacer = options.pacer;
    this.#endpoint = describeEndpoint(location);
    this.#keyPrefix = prefix === "" ? "" : `${prefix}/`;
    this.#idleLimitMs = options.idleLimitMs ?? location.idleLimitMs ?? IDLE_LIMIT_MS;
    this.#multipartFromBytes = options.multipartFromBytes ?? 100 << 20;
  }

  async put(name: string, bytes: Uint8Array, options: PutOptions = {}): Promise<void> {
    checkName(name);
    const isConditional = Boolean(options.createOnly) && this.#can.conditionalWrites;
    const keepsChecksum = this.#can.checksums;
    if (options.createOnly && !isConditional) await this.#checkFree(name, options);
    try {
      await this.#upload(name, bytes, options, { isConditional, keepsChecksum });
    } catch (error) {
      if (codeOf((error as Error).cause).status !== 501) throw error;
      if (isConditional) this.#can.conditionalWrites = false;
      else if (keepsChecksum && this.#at.objectLock === undefined) this.#can.checksums = false;
      else throw error;
      await this.put(name, bytes, options);
    }
  }

  async get(name: string, options: GetOptions = {}): Promise<Uint8Array> {
    checkName(name);
    const { range } = options;
    const Range = range && `bytes=${range.offset}-${range.offset + range.length - 1}`;
    return await this.#call("read", name, options, async (watch, client) => {
      const command = new this.#sdk.GetObjectCommand({ ...this.#target(name), Range });
      const answer = await client.send(command, sendOptions(watch, true));
      const { Body, ContentLength, ContentRange } = answer;
      const body = Body as unknown as ReadableStream<Uint8Array>;
      try {
        checkIsS3(answer.ETag);
        checkExtent(this.#thing(name), range, ContentLength, ContentRange);
        checkMaximum(this.#thing(name), ContentLength!, options);
        const pace = this.#pacer && ((bytes: number) => this.#pacer!.download(bytes, watch));
        return await readExactly(body, ContentLength!, watch, pace);
      } catch (error) {
        body.cancel().catch(() => {});
        throw error;
      }
    });
  }

  async size(name: string, options: CallOptions = {}): Promise<number | undefined> {
    checkName(name);
    try {
      return await this.#call(HEAD_ACTION, name, options, async (watch, client) => {
        const command = new this.#sdk.HeadObjectCommand(this.#target(name));
        const { ContentLength, ETag } = await client.send(command, sendOptions(watch));
        checkIsS3(ETag);
        return ContentLength;
      });
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      if (!this.#isBucketSeen) await this.#confirmAbsence(name, options);
      return undefined;
    }
  }

  async statedSha256(name: string, options: CallOptions = {}): Promise<string | undefined> {
    checkName(name);
    try {
      const input = { ...this.#target(name), ChecksumMode: "ENABLED" as const };
      const command = new this.#sdk.HeadObjectCommand(input);
      const answer = await this.#call(
        HEAD_ACTION,
        name,
        options,
        (watch, client) => client.send(command, sendOptions(watch)),
      );
      return wholeSha256(answer.ChecksumSHA256);
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  async folders(prefix: string, options: CallOptions = {}): Promise<string[]> {
    checkPrefix(prefix);
    const found: string[] = [];
    const Prefix = this.#keyPrefix + prefix;
    let ContinuationToken: string | undefined;
    do {
      const input = { Bucket: this.#at.bucket, Prefix, Delimiter: "/", ContinuationToken };
      const command = new this.#sdk.ListObjectsV2Command(input);
      const page = await this.#call("list", prefix, options, async (watch, client) => {
        const answer = await client.send(command, sendOptions(watch));
        checkIsS3(answer.IsTruncated);
        return answer;
      });
      for (const { Prefix: folder } of page.CommonPrefixes ?? []) {
        found.push(folder!.slice(Prefix.length, -1));
      }
      ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (ContinuationToken !== undefined);
    return found.filter(isName).sort();
  }

  async *list(prefix: string, options: CallOptions = {}): AsyncIterable<ObjectInfo> {
    checkPrefix(prefix);
    const Prefix = this.#keyPrefix + prefix;
    let ContinuationToken: string | undefined;
    do {
      const input = { Bucket: this.#at.bucket, Prefix, ContinuationToken };
      const command = new this.#sdk.ListObjectsV2Command(input);
      const page = await this.#call("list", prefix, options, async (watch, client) => {
        const answer = await client.send(command, sendOptions(watch));
        checkIsS3(answer.IsTruncated);
        return answer;
      });
      for (const { Key, Size, LastModified, StorageClass } of page.Contents ?? []) {
        const name = Key!.slice(this.#keyPrefix.length);
        const storageClass = StorageClass && { storageClass: StorageClass };
        if (isName(name)) yield { name, size: Size!, modified: LastModified!, ...storageClass };
      }
      ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (ContinuationToken !== undefined);
  }

  async remove(name: string, options: CallOptions = {}): Promise<void> {
    checkName(name);
    try {
      const command = new this.#sdk.DeleteObjectCommand(this.#target(name));
      await this.#call("remove", name, options, (watch, client) => client.send(command, sendOptions(watch)));
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
  }

  get locks(): ObjectLocks | undefined {
    const { objectLock } = this.#at;
    return objectLock && {
      end: (now) => lockEnd(objectLock, now),
      needed: (now) => lockNeeded(objectLock, now),
      renew: async (name, until, options = {}) => {
        const Retention = { Mode: lockMode(objectLock), RetainUntilDate: until };
        const command = new this.#sdk.PutObjectRetentionCommand({ ...this.#target(name), Retention });
        await this.#call("lock", name, options, (watch, client) => client.send(command, sendOptions(watch)));
      },
    };
  }

  get cold(): ColdStorage {
    return s3ColdStorage(
      this.#sdk,
      (name) => this.#target(name),
      (name, options, work) => this.#call("ask for", name, options, work),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve(this.#client.destroy());
  }

  #target(name: string): { Bucket: string; Key: string } {
    return { Bucket: this.#at.bucket, Key: this.#keyPrefix + name };
  }

  #thing(name: string): string {
    return name === "" ? this.location : `${this.location}/${name}`;
  }

  async #call<T>(
    action: string,
    name: string,
    { signal }: CallOptions,
    work: (watch: Watch, client: S3Client) => Promise<T>,
  ): Promise<T> {
    const call = {
      action,
      thing: this.#thing(name),
      bucket: this.#at.bucket,
      endpoint: this.#endpoint,
      isHead: action === HEAD_ACTION,
    };
    const client = this.#client.current;
    try {
      const result = await withIdleLimit(this.#idleLimitMs, signal, (watch) => work(watch, client));
      this.#isBucketSeen = true;
      this.#client.answered(client);
      return result;
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (haveEnded(error) && this.#client.renew(client)) {
        throw fromS3Error(new UnavailableError("the credentials have ended", { cause: error }), call);
      }
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

  /**
   * The second best, for stores without conditional writes: two writers at the same instant both succeed, and so does one who
   * may not look.
   */
  async #checkFree(name: string, options: CallOptions): Promise<void> {
    try {
      if (await this.size(name, options) === undefined) return;
    } catch (error) {
      if (error instanceof RefusedError) return;
      throw error;
    }
    throw new ExistsError(`Cannot write "${this.#thing(name)}": it exists`);
  }

  #upload(
    name: string,
    bytes: Uint8Array,
    options: PutOptions,
    asked: { readonly isConditional: boolean; readonly keepsChecksum: boolean },
  ): Promise<void> {
    return this.#call("write", name, options, (watch, client) => {
      const tools = { sdk: this.#sdk, client, watch };
      const upload = {
        target: this.#target(name),
        thing: this.#thing(name),
        bytes,
        sha256: options.sha256 ?? sha256Hex(bytes),
        isClaimed: options.sha256 !== undefined,
        ...asked,
        headers: putHeaders(name, this.#at, new Date()),
      };
      if (bytes.length <= this.#multipartFromBytes) return uploadWhole(upload, tools);
      return uploadParts(upload, this.#at.partSizeBytes, tools);
    });
  }
}

/** From base64 to hex. Of an object sent in parts the server has a hash of hashes, which ends in their number and tells nothing here. */
function wholeSha256(stated: string | undefined): string | undefined {
  return stated === undefined || stated.includes("-") ? undefined : toHex(fromBase64(stated));
}
