import type { S3Client } from "@aws-sdk/client-s3";

/** A store that sends us on and on is not followed. */
const MAX_MOVES = 2;

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
