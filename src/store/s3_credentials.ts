import type { S3Client } from "@aws-sdk/client-s3";
import { codeOf } from "./s3_errors.ts";

const ENDED = /^(ExpiredToken|ExpiredTokenException|InvalidToken|TokenRefreshRequired)$/;

/** Whether the store says that the credentials are no longer valid. */
export function haveEnded(error: unknown): boolean {
  return ENDED.test(codeOf(error).name);
}

/** The client of a store, opened anew when its credentials ended: what was found, not configured, may have been renewed. */
export class RenewableClient {
  readonly #reopen: (() => S3Client) | undefined;
  readonly #opened: S3Client[];
  /** Whether the newest client has had an answer; if not, a newer one would have none either. */
  #isProven = true;

  constructor(client: S3Client, reopen: (() => S3Client) | undefined) {
    this.#opened = [client];
    this.#reopen = reopen;
  }

  get current(): S3Client {
    return this.#opened.at(-1)!;
  }

  /** Calls at once may all find their credentials ended: only the first of them opens a new client. */
  renew(used: S3Client): boolean {
    if (used !== this.current) return true;
    if (this.#reopen === undefined || !this.#isProven) return false;
    this.#opened.push(this.#reopen());
    this.#isProven = false;
    return true;
  }

  answered(client: S3Client): void {
    if (client === this.current) this.#isProven = true;
  }

  destroy(): void {
    for (const client of this.#opened) client.destroy();
  }
}
