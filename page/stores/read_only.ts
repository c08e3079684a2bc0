import { CorruptionError, NotFoundError, RefusedError, UnavailableError } from "../../src/base/errors.ts";
import type { CallOptions, GetOptions, ObjectInfo, ObjectStore } from "../../src/store/store.ts";

/** A store that a page reads; it can change nothing. */
export abstract class ReadOnlyStore implements ObjectStore {
  abstract readonly location: string;

  abstract get(name: string, options?: GetOptions): Promise<Uint8Array>;
  abstract size(
    name: string,
    options?: CallOptions,
  ): Promise<number | undefined>;
  abstract list(
    prefix: string,
    options?: CallOptions,
  ): AsyncIterable<ObjectInfo>;
  abstract folders(prefix: string, options?: CallOptions): Promise<string[]>;

  put(): Promise<void> {
    return Promise.reject(new RefusedError("This page changes nothing"));
  }

  remove(): Promise<void> {
    return this.put();
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** Throws where the object is larger than it may be. */
export function checkSize(
  name: string,
  size: number,
  { maxBytes, range }: GetOptions,
): void {
  if (range === undefined && maxBytes !== undefined && size > maxBytes) {
    throw new CorruptionError(
      `Cannot read "${name}": it has ${size} bytes, more than any such object`,
    );
  }
  if (range !== undefined && range.offset + range.length > size) {
    throw new CorruptionError(`Cannot read "${name}": it ends at byte ${size}`);
  }
}

/** The bytes of an answer to a request for an object, or a part of it. Throws as `ObjectStore.get` does. */
export async function bytesOf(
  name: string,
  answer: Response,
  options: GetOptions,
): Promise<Uint8Array> {
  if (answer.status === 404) {
    throw new NotFoundError(`Cannot read "${name}": not there`);
  }
  if (answer.status === 416) {
    throw new CorruptionError(
      `Cannot read "${name}": it is shorter than it should be`,
    );
  }
  if (!answer.ok) throw failureOf(`read "${name}"`, answer);
  const { range } = options;
  const stated = Number(answer.headers.get("content-length") ?? "0");
  if (range === undefined) checkSize(name, stated, options);
  const bytes = new Uint8Array(await answer.arrayBuffer());
  if (range === undefined) {
    checkSize(name, bytes.length, options);
    return bytes;
  }
  // A server without ranges sends everything.
  const part = answer.status === 206 ? bytes : bytes.slice(range.offset, range.offset + range.length);
  if (part.length === range.length) return part;
  throw new CorruptionError(
    `Cannot read "${name}": it is shorter than it should be`,
  );
}

export function failureOf(
  what: string,
  { status, statusText }: Response,
): Error {
  const text = `Cannot ${what}: the server answered ${status} ${statusText}`;
  return status === 401 || status === 403 ? new RefusedError(text) : new UnavailableError(text);
}

/** A request that may not leave this page's store, tried again where the line broke off. */
export async function ask(
  what: string,
  send: () => Promise<Response>,
): Promise<Response> {
  for (let attempt = 1;; attempt++) {
    try {
      const answer = await send();
      if (answer.status < 500 || attempt === ATTEMPTS) return answer;
    } catch (cause) {
      if ((cause as Error).name === "AbortError") throw cause;
      if (attempt === ATTEMPTS) {
        throw new UnavailableError(`Cannot ${what}: ${NO_ANSWER}`, { cause });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** attempt));
  }
}

const ATTEMPTS = 4;
const PAUSE_MS = 150;
const NO_ANSWER = "there was no answer, or the server does not let this page read it (CORS)";

export function rangeHeader({ range }: GetOptions): Record<string, string> {
  return range === undefined ? {} : { range: `bytes=${range.offset}-${range.offset + range.length - 1}` };
}
