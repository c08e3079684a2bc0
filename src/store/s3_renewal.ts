import type { S3Client } from "@aws-sdk/client-s3";
import { codeOf } from "./s3_errors.ts";

const ENDED = /^(ExpiredToken|ExpiredTokenException|InvalidToken|TokenRefreshRequired)$/;
const ELSEWHERE = /^(PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException)$/;
/** A store that sends us on and on is not followed. */
const MAX_MOVES = 2;

/** Whether the store says that the credentials are no longer valid. */
export function haveEnded(error: unknown): boolean {
  return ENDED.test(codeOf(error).name);
}

/** Whether the store's clock is another. The SDK sets its own by that answer, so the next call is right; a HEAD's answer has no name. */
export function isSkewed(error: unknown): boolean {
  const { $metadata } = (error ?? {}) as { readonly $metadata?: { readonly clockSkewCorrected?: boolean } };
  return codeOf(error).name === "RequestTimeTooSkewed" || $metadata?.clockSkewCorrected === true;
}

/** The region in which the bucket is, where the store says that it is in another than we asked. */
export function regionIn(error: unknown): string | undefined {
  const { name, status } = codeOf(error);
  // A HEAD's answer has no name, but the header.
  if (![301, 400].includes(status ?? 0) && !ELSEWHERE.test(name)) return undefined;
  const { Region, $response } = error as {
    readonly Region?: unknown;
    readonly $response?: { readonly headers?: Record<string, string> };
  };
  const region = $response?.headers?.["x-amz-bucket-region"] ?? Region;
  return typeof region === "string" && /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(region)
    ? region
    : undefined;
}

/**
 * The client of a store, opened again when its credentials ended, as what was found, not configured, may have been renewed; and when the
 * store says that the bucket is in another region.
 */
export class RenewableClient {
  readonly #open: (region: string) => S3Client;
  readonly #isRenewable: boolean;
  readonly #opened: S3Client[];
  #region: string;
  #moves = 0;
  /** Whether the newest client has had an answer; if not, a newer one would have none either. */
  #isProven = true;

  constructor(open: (region: string) => S3Client, isRenewable: boolean, region: string) {
    this.#open = open;
    this.#isRenewable = isRenewable;
    this.#region = region;
    this.#opened = [open(region)];
  }

  get current(): S3Client {
    return this.#opened.at(-1)!;
  }

  /** Calls at once may all find their credentials ended: only the first of them opens a new client. */
  renew(used: S3Client): boolean {
    if (used !== this.current) return true;
    if (!this.#isRenewable || !this.#isProven) return false;
    this.#opened.push(this.#open(this.#region));
    this.#isProven = false;
    return true;
  }

  /** From now on calls are for `region`. Whether that is worth another try of a call that `used` made. */
  moveTo(region: string, used: S3Client): boolean {
    if (used !== this.current) return true;
    if (region === this.#region || this.#moves === MAX_MOVES) return false;
    this.#moves++;
    this.#region = region;
    this.#opened.push(this.#open(region));
    return true;
  }

  answered(client: S3Client): void {
    if (client === this.current) this.#isProven = true;
  }

  destroy(): void {
    for (const client of this.#opened) client.destroy();
  }
}
