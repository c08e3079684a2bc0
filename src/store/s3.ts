import type { S3Client } from "@aws-sdk/client-s3";
import { sha256Hex } from "../base/digest.ts";
import { append } from "../base/append.ts";
import { CorruptionError, ExistsError, NotFoundError, RefusedError } from "../base/errors.ts";
import type { Watch } from "./idle_limit.ts";
import { checkName, checkPrefix, isName } from "./names.ts";
import { AbilityNotes, type KnownAbilities } from "./known_abilities.ts";
import { S3Abilities, type Wishes } from "./s3_abilities.ts";
import { openClient, type Opened, type S3Location, type S3StoreOptions, sendOptions } from "./s3_client.ts";
import { HEAD_ACTION, S3Calls } from "./s3_calls.ts";
import { s3ColdStorage } from "./s3_cold.ts";
import { checkIsS3, codeOf } from "./s3_errors.ts";
import { listPages, type ListTools } from "./s3_list.ts";
import { removeMany } from "./s3_remove_many.ts";
import { s3Locks } from "./s3_locks.ts";
import { putHeaders } from "./s3_put_options.ts";
import { checkExtent, checkMaximum } from "./read_checks.ts";
import { readExactly } from "./s3_read.ts";
import { uploadParts } from "./s3_multipart.ts";
import { uploadWhole } from "./s3_upload.ts";
import type {
  CallOptions,
  ColdStorage,
  GetOptions,
  NotRemoved,
  ObjectInfo,
  ObjectLocks,
  ObjectStore,
  PutOptions,
} from "./store.ts";
import type { Pacer } from "./pacer.ts";
import { wholeSha256 } from "./s3_checksum.ts";
import { Traffic } from "./traffic.ts";

/** A store in a bucket. Sends nothing yet. */
export async function openS3Store(location: S3Location, options: S3StoreOptions = {}): Promise<ObjectStore> {
  const opened = await openClient(location, options.traffic ?? new Traffic(), options.pacer);
  return new S3Store(opened, location, options);
}

class S3Store implements ObjectStore {
  readonly location: string;
  readonly #sdk: Opened["sdk"];
  readonly #calls: S3Calls;
  readonly #at: S3Location;
  readonly #keyPrefix: string;
  readonly #pacer: Pacer | undefined;
  readonly #multipartFromBytes: number;
  readonly #notes: AbilityNotes | undefined;
  readonly #known: KnownAbilities;
  readonly abilities: S3Abilities;

  constructor(opened: Opened, location: S3Location, options: S3StoreOptions) {
    const prefix = location.prefix.replace(/^\/+|\/+$/g, "");
    this.location = `s3://${location.bucket}${prefix === "" ? "" : `/${prefix}`}`;
    this.#sdk = opened.sdk;
    this.#notes = options.notesIn === undefined ? undefined : new AbilityNotes(options.notesIn, location);
    this.abilities = new S3Abilities(this.#notes?.read());
    this.#known = this.abilities.known;
    this.#calls = new S3Calls(opened, location, this.abilities, options.idleLimitMs);
    this.#at = location;
    this.#pacer = options.pacer;
    this.#keyPrefix = prefix === "" ? "" : `${prefix}/`;
    this.#multipartFromBytes = options.multipartFromBytes ?? 100 << 20;
  }

  async put(name: string, bytes: Uint8Array, options: PutOptions = {}): Promise<void> {
    checkName(name);
    const { asked } = this.abilities;
    for (;;) {
      const wishes = this.abilities.wishes(options.createOnly ?? false);
      if (options.createOnly && !wishes.isConditional) await this.#checkFree(name, options);
      try {
        return await this.#upload(name, bytes, options, wishes);
      } catch (error) {
        if (wishes.isConditional && error instanceof ExistsError) {
          await this.#checkRefusal(error, name, options);
        } else if (!this.abilities.giveUp(error, wishes, this.#at.objectLock !== undefined)) {
          this.abilities.takeBack(asked);
          throw error;
        }
      }
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
        return await readExactly(body, options.into ?? new Uint8Array(ContentLength!), watch, pace);
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
      const isAbsent = error instanceof NotFoundError;
      const isWordless = codeOf((error as Error).cause).status === 400;
      if (!this.#calls.isBucketSeen && (isAbsent || isWordless)) await this.#confirmAbsence(name, options);
      if (isAbsent) return undefined;
      throw error;
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
    const whole = this.#keyPrefix + prefix;
    const found: string[] = [];
    for await (const { folders } of listPages(this.#listTools(prefix), whole, "/", options)) {
      append(found, folders.map((folder) => folder.slice(whole.length, -1)).filter(isName));
    }
    return found.sort();
  }

  async *list(prefix: string, options: CallOptions = {}): AsyncIterable<ObjectInfo> {
    checkPrefix(prefix);
    const pages = listPages(this.#listTools(prefix), this.#keyPrefix + prefix, undefined, options);
    for await (const { objects } of pages) {
      for (const { key, ...info } of objects) {
        const name = key.slice(this.#keyPrefix.length);
        if (isName(name)) yield { name, ...info };
      }
    }
  }

  #listTools(prefix: string): ListTools {
    return {
      sdk: this.#sdk,
      bucket: this.#at.bucket,
      abilities: this.abilities,
      call: (options, work) => this.#call("list", prefix, options, work),
    };
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

  async removeMany(
    names: readonly string[],
    options: CallOptions = {},
  ): Promise<readonly NotRemoved[] | undefined> {
    names.forEach(checkName);
    return await removeMany(names, {
      sdk: this.#sdk,
      abilities: this.abilities,
      target: (name) => this.#target(name),
      call: (work) => this.#call("remove objects from", "", options, work),
      failure: (name, error) => this.#calls.failure("remove", this.#thing(name), error) as Error,
    });
  }

  get locks(): ObjectLocks | undefined {
    const { objectLock } = this.#at;
    return objectLock && s3Locks(
      this.#sdk,
      objectLock,
      (name) => this.#target(name),
      (name, options, work) => this.#call("lock", name, options, work),
    );
  }

  get cold(): ColdStorage {
    return s3ColdStorage(
      this.#sdk,
      (name) => this.#target(name),
      (name, options, work) => this.#call("ask for", name, options, work),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve(this.#calls[Symbol.dispose]());
    const { known } = this.abilities;
    if (this.#calls.isBucketSeen && JSON.stringify(known) !== JSON.stringify(this.#known)) {
      this.#notes?.write(known);
    }
  }

  #target(name: string): { Bucket: string; Key: string } {
    return { Bucket: this.#at.bucket, Key: this.#keyPrefix + name };
  }

  #thing(name: string): string {
    return name === "" ? this.location : `${this.location}/${name}`;
  }

  #call<T>(
    action: string,
    name: string,
    { signal }: CallOptions,
    work: (watch: Watch, client: S3Client) => Promise<T>,
  ): Promise<T> {
    return this.#calls.call(action, this.#thing(name), signal, work);
  }

  /** A store that refuses to write what is not there has its condition the wrong way round; throws `refusal` where it was right. */
  async #checkRefusal(refusal: ExistsError, name: string, { signal }: CallOptions): Promise<void> {
    try {
      if (await this.size(name, { signal }) === undefined) {
        return this.abilities.giveUpConditions("412 for an object that is not there");
      }
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
    }
    this.abilities.sawRefusal();
    throw refusal;
  }

  /** Asks by GET, whose answer has a body that tells what is missing. */
  async #confirmAbsence(name: string, options: CallOptions): Promise<void> {
    try {
      await this.get(name, { ...options, range: { offset: 0, length: 1 } });
    } catch (error) {
      if (!(error instanceof NotFoundError || error instanceof CorruptionError)) throw error;
      this.#calls.isBucketSeen = true;
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
    wishes: Wishes,
  ): Promise<void> {
    return this.#call("write", name, options, (watch, client) => {
      const tools = { sdk: this.#sdk, client, watch };
      const upload = {
        target: this.#target(name),
        thing: this.#thing(name),
        bytes,
        sha256: options.sha256 ?? sha256Hex(bytes),
        isClaimed: options.sha256 !== undefined,
        ...wishes,
        headers: putHeaders(name, this.#at, new Date()),
      };
      if (bytes.length <= this.#multipartFromBytes) return uploadWhole(upload, tools);
      return uploadParts(upload, this.#at.partSizeBytes, tools);
    });
  }
}
