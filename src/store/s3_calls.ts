import type { S3Client } from "@aws-sdk/client-s3";
import { UnavailableError } from "../base/errors.ts";
import { type Watch, withIdleLimit } from "./idle_limit.ts";
import type { S3Abilities } from "./s3_abilities.ts";
import { describeEndpoint, type Opened, type S3Location } from "./s3_client.ts";
import { isNoCredentials } from "./s3_credentials.ts";
import { fromS3Error } from "./s3_errors.ts";
import { haveEnded, isSkewed, regionIn } from "./s3_faults.ts";
import { RenewableClient } from "./s3_renewal.ts";

const IDLE_LIMIT_MS = 60_000;

export const HEAD_ACTION = "look for";

/** Makes the calls of one store: each ends in time, and fails with an error of ours. */
export class S3Calls implements Disposable {
  /** A HEAD has no body to tell a missing object from a missing bucket; once seen, the bucket is there. */
  isBucketSeen = false;
  readonly #client: RenewableClient;
  readonly #at: S3Location;
  readonly #endpoint: string;
  readonly #idleLimitMs: number;
  readonly #abilities: S3Abilities;

  constructor(
    { open, isRenewable }: Opened,
    at: S3Location,
    abilities: S3Abilities,
    idleLimitMs = at.idleLimitMs ?? IDLE_LIMIT_MS,
  ) {
    this.#client = new RenewableClient(open, isRenewable, abilities.region ?? at.region);
    this.#at = at;
    this.#endpoint = describeEndpoint(at);
    this.#idleLimitMs = idleLimitMs;
    this.#abilities = abilities;
  }

  /** `action` and `thing` are for messages. */
  async call<T>(
    action: string,
    thing: string,
    signal: AbortSignal | undefined,
    work: (watch: Watch, client: S3Client) => Promise<T>,
  ): Promise<T> {
    for (let isRepeated = false;; isRepeated = true) {
      const client = this.#client.current;
      try {
        const result = await withIdleLimit(this.#idleLimitMs, signal, (watch) => work(watch, client));
        this.isBucketSeen = true;
        this.#client.answered(client);
        return result;
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        if (this.#isMoved(error, client) || (isSkewed(error) && !isRepeated)) continue;
        throw this.failure(action, thing, this.#renewed(error, client));
      }
    }
  }

  /** `error`, which an answer brought, as our callers know errors. */
  failure(action: string, thing: string, error: unknown): unknown {
    const isHead = action === HEAD_ACTION;
    return fromS3Error(error, { action, thing, bucket: this.#at.bucket, endpoint: this.#endpoint, isHead });
  }

  /** Whether the store named another region, in which another client asks from now on. */
  #isMoved(error: unknown, client: S3Client): boolean {
    const region = regionIn(error);
    if (region === undefined || !this.#client.moveTo(region, client)) return false;
    this.#abilities.region = region;
    return true;
  }

  /**
   * `error`, or what is worth another try, which another client will make. Where there were credentials, whoever gives them out may be away for
   * a moment.
   */
  #renewed(error: unknown, client: S3Client): unknown {
    if (this.isBucketSeen && isNoCredentials(error)) {
      return new UnavailableError(`no new credentials: ${error.message}`, { cause: error });
    }
    if (!haveEnded(error) || !this.#client.renew(client)) return error;
    return new UnavailableError("the credentials have ended", { cause: error });
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
  }
}
