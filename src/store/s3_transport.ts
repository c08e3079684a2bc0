import http from "node:http";
import https from "node:https";
import { Readable } from "node:stream";
import type { NodeHttpHandler } from "@smithy/node-http-handler";
import { UnavailableError } from "../base/errors.ts";
import { readBounded } from "./bounded_answer.ts";
import { orLostConnection } from "./lost_connections.ts";
import { NotS3Error } from "./s3_errors.ts";
import { PACED_PIECE_BYTES, type PaceOptions, type Pacer } from "./pacer.ts";

type NodeRequest = Parameters<NodeHttpHandler["handle"]>[0];

/** What the SDK gives its HTTP handler with each signed request; `onProgress` is ours, handed through `send`. */
export interface TransportOptions {
  readonly abortSignal?: AbortSignal;
  readonly onProgress?: () => void;
  /** Give the body of a success as a stream, whose errors the reader meets. Otherwise it is read here. */
  readonly isStreamed?: boolean;
}

export interface TransportSettings {
  /** Authorities in PEM that are trusted beside the machine's own. */
  readonly caCerts?: string;
  /** Whether requests may have to go through a proxy, which `fetch` finds in the environment and `node:http` does not. */
  readonly hasProxy?: boolean;
  /** Holds back what is sent. */
  readonly pacer?: Pacer;
}

/** Larger bodies go through `node:http`: `fetch` copies them, at twice the CPU time and four times the memory. */
const FETCH_BODY_LIMIT_BYTES = 1 << 20;
/** Per write: small enough to show that a slow line moves. */
const SLICE_BYTES = 256 << 10;
/** Where one that is smaller goes so soon: each costs the processor as much as to copy it. */
const LARGE_SLICE_BYTES = 1 << 20;
const SOON_MS = 500;
/** Above any number of uploads that we run at once, so that none waits for a socket. */
const SOCKETS = 64;
/** `fetch` does not tell how far a body is: a line is taken for a moving one as long as one of this speed would need. */
const SLOWEST_BYTES_PER_SECOND = 64 << 10;
const PRETEND_EVERY_MS = 500;

/**
 * Carries signed requests. Everything but large uploads goes by `fetch`, which is the fastest reader and the only client
 * that reports a cut answer on all supported versions of Deno. It throws nothing but `UnavailableError`.
 */
export class S3Transport {
  readonly metadata = { handlerProtocol: "http/1.1" };
  readonly #uploads: NodeHttpHandler;
  readonly #client: Deno.HttpClient | undefined;
  readonly #hasProxy: boolean;
  readonly #pacer: Pacer | undefined;

  constructor(Handler: typeof NodeHttpHandler, settings: TransportSettings = {}) {
    const { caCerts, hasProxy = false } = settings;
    this.#hasProxy = hasProxy;
    this.#pacer = settings.pacer;
    this.#client = caCerts === undefined ? undefined : Deno.createHttpClient({ caCerts: [caCerts] });
    this.#uploads = new Handler({
      httpAgent: new http.Agent({ keepAlive: true, maxSockets: SOCKETS }),
      httpsAgent: new https.Agent({ keepAlive: true, maxSockets: SOCKETS, ca: caCerts }),
    });
  }

  async handle(request: NodeRequest, options: TransportOptions = {}) {
    try {
      const isLarge = request.body instanceof Uint8Array && request.body.length > FETCH_BODY_LIMIT_BYTES;
      return await (isLarge && !this.#hasProxy
        ? this.#upload(request, options)
        : this.#fetch(request, options));
    } catch (error) {
      if (error instanceof NotS3Error) throw error;
      throw new UnavailableError(describe(error), { cause: error });
    }
  }

  destroy(): void {
    this.#uploads.destroy();
    this.#client?.close();
  }

  /** The SDK asks for these of every handler; ours has no settings to change. */
  updateHttpClientConfig(): void {}
  httpHandlerConfigs(): Record<string, unknown> {
    return {};
  }

  async #upload(request: NodeRequest, { abortSignal, onProgress }: TransportOptions) {
    const slices = this.#pacer === undefined
      ? slicesOf(request.body, onProgress)
      : pacedSlicesOf(request.body, this.#pacer, { signal: abortSignal, progress: onProgress });
    const body = Readable.from(slices);
    const copy: NodeRequest = Object.assign(Object.create(Object.getPrototypeOf(request)), request, { body });
    const { response } = await orLostConnection(this.#uploads.handle(copy, { abortSignal }));
    return {
      response: Object.assign(response, { body: await readBounded(response.body, response.statusCode) }),
    };
  }

  async #fetch(request: NodeRequest, { abortSignal, onProgress, isStreamed }: TransportOptions) {
    const headers = new Headers(request.headers);
    for (const name of ["host", "content-length"]) headers.delete(name);
    headers.set("accept-encoding", "identity");
    const { method, body } = request;
    if (body instanceof Uint8Array) {
      await this.#pacer?.upload(body.length, { signal: abortSignal, progress: onProgress });
    }
    const init = {
      method,
      headers,
      body: ofOneThread(body),
      redirect: "manual",
      signal: abortSignal,
      client: this.#client,
    } as const;
    const answer = await whilePretending(body, onProgress, () => fetch(urlOf(request), init));
    return {
      response: {
        statusCode: answer.status,
        reason: answer.statusText,
        headers: Object.fromEntries(answer.headers),
        body: isStreamed && answer.ok && answer.body
          ? answer.body
          : await readBounded(answer.body, answer.status),
      },
    };
  }
}

/** Whether the environment names a proxy for any request. */
export function hasProxy(env: (name: string) => string | undefined): boolean {
  return ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].some((name) => env(name) || env(name.toLowerCase()));
}

/** `fetch` refuses bytes in shared memory: they are copied. */
function ofOneThread<T>(body: T): T | Uint8Array<ArrayBuffer> {
  return body instanceof Uint8Array && body.buffer instanceof SharedArrayBuffer ? new Uint8Array(body) : body;
}

async function whilePretending<T>(
  body: unknown,
  onProgress: (() => void) | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const bytes = body instanceof Uint8Array ? body.length : 0;
  if (bytes <= FETCH_BODY_LIMIT_BYTES || onProgress === undefined) return await work();
  let left = Math.ceil(bytes / SLOWEST_BYTES_PER_SECOND * 1000 / PRETEND_EVERY_MS);
  const timer = setInterval(() => --left > 0 && onProgress(), PRETEND_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

function* slicesOf(bytes: Uint8Array, onProgress?: () => void): Iterable<Uint8Array> {
  let size = SLICE_BYTES;
  for (let offset = 0; offset < bytes.length;) {
    onProgress?.();
    const askedMs = performance.now();
    yield bytes.subarray(offset, offset + size);
    offset += size;
    size = performance.now() - askedMs < SOON_MS ? LARGE_SLICE_BYTES : SLICE_BYTES;
  }
}

async function* pacedSlicesOf(
  bytes: Uint8Array,
  pacer: Pacer,
  options: PaceOptions,
): AsyncIterable<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += PACED_PIECE_BYTES) {
    options.progress?.();
    const slice = bytes.subarray(offset, offset + PACED_PIECE_BYTES);
    await pacer.upload(slice.length, options);
    yield slice;
  }
}

function urlOf({ protocol, hostname, port, path, query }: NodeRequest): string {
  const pairs = Object.entries(query ?? {}).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value ?? ""]).map((one) => `${encode(key)}=${encode(one)}`)
  );
  const search = pairs.length > 0 ? `?${pairs.join("&")}` : "";
  return `${protocol}//${hostname}${port ? `:${port}` : ""}${path}${search}`;
}

/** As the signature wants it: all but the unreserved characters of RFC 3986. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** `fetch failed` says nothing, and its cause begins with the URL; the end of that tells what happened. */
function describe(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const message = inner instanceof Error ? inner.message : String(inner);
  return message.replace(/^error sending request for url \(.*?\): (client error \(\w+\): )?/, "");
}
