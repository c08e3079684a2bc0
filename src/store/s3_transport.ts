import http from "node:http";
import https from "node:https";
import { Readable } from "node:stream";
import type { NodeHttpHandler } from "@smithy/node-http-handler";
import { UnavailableError } from "../base/errors.ts";

type NodeRequest = Parameters<NodeHttpHandler["handle"]>[0];

/** What the SDK gives its HTTP handler with each signed request; `onProgress` is ours, handed through `send`. */
export interface TransportOptions {
  readonly abortSignal?: AbortSignal;
  readonly onProgress?: () => void;
  /** Give the body of a success as a stream, whose errors the reader meets. Otherwise it is read here. */
  readonly isStreamed?: boolean;
}

/** Larger bodies go through `node:http`: `fetch` copies them, at twice the CPU time and four times the memory. */
const FETCH_BODY_LIMIT_BYTES = 1 << 20;
/** Per write: small enough to show that a slow line moves, large enough to cost nothing. */
const SLICE_BYTES = 256 << 10;
/** Above any number of uploads that we run at once, so that none waits for a socket. */
const SOCKETS = 64;

/**
 * Carries signed requests. Everything but large uploads goes by `fetch`, which is the fastest reader and the only client
 * that reports a cut answer on all supported versions of Deno. It throws nothing but `UnavailableError`.
 */
export class S3Transport {
  readonly metadata = { handlerProtocol: "http/1.1" };
  readonly #uploads: NodeHttpHandler;

  constructor(Handler: typeof NodeHttpHandler) {
    this.#uploads = new Handler({
      httpAgent: new http.Agent({ keepAlive: true, maxSockets: SOCKETS }),
      httpsAgent: new https.Agent({ keepAlive: true, maxSockets: SOCKETS }),
    });
  }

  async handle(request: NodeRequest, options: TransportOptions = {}) {
    try {
      const isLarge = request.body instanceof Uint8Array && request.body.length > FETCH_BODY_LIMIT_BYTES;
      return await (isLarge ? this.#upload(request, options) : this.#fetch(request, options));
    } catch (error) {
      throw new UnavailableError(describe(error), { cause: error });
    }
  }

  destroy(): void {
    this.#uploads.destroy();
  }

  /** The SDK asks for these of every handler; ours has no settings to change. */
  updateHttpClientConfig(): void {}
  httpHandlerConfigs(): Record<string, unknown> {
    return {};
  }

  #upload(request: NodeRequest, { abortSignal, onProgress }: TransportOptions) {
    const body = Readable.from(slicesOf(request.body, onProgress));
    const copy: NodeRequest = Object.assign(Object.create(Object.getPrototypeOf(request)), request, { body });
    return this.#uploads.handle(copy, { abortSignal });
  }

  async #fetch(request: NodeRequest, { abortSignal, isStreamed }: TransportOptions) {
    const headers = new Headers(request.headers);
    for (const name of ["host", "content-length"]) headers.delete(name);
    headers.set("accept-encoding", "identity");
    const { method, body } = request;
    const redirect = "manual";
    const answer = await fetch(urlOf(request), { method, headers, body, redirect, signal: abortSignal });
    return {
      response: {
        statusCode: answer.status,
        reason: answer.statusText,
        headers: Object.fromEntries(answer.headers),
        body: isStreamed && answer.ok && answer.body
          ? answer.body
          : await answer.arrayBuffer().then(streamOf),
      },
    };
  }
}

function* slicesOf(bytes: Uint8Array, onProgress?: () => void): Iterable<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += SLICE_BYTES) {
    onProgress?.();
    yield bytes.subarray(offset, offset + SLICE_BYTES);
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

function streamOf(bytes: ArrayBuffer): ReadableStream<Uint8Array> {
  return new Response(bytes).body!;
}

/** `fetch failed` says nothing, and its cause begins with the URL; the end of that tells what happened. */
function describe(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const message = inner instanceof Error ? inner.message : String(inner);
  return message.replace(/^error sending request for url \(.*?\): (client error \(\w+\): )?/, "");
}
