import { timingSafeEqual } from "node:crypto";
import { CorruptionError, NotFoundError, UsageError } from "../../base/errors.ts";
import { HEADER_BYTES_MAX } from "../../seal/header.ts";
import { isName } from "../../store/names.ts";
import { foldersIn, type ObjectStore } from "../../store/store.ts";
import { rangeOf } from "../webdav/range.ts";
import { parseRestoreRequest, type RestoreRequest } from "./restore_request.ts";

/** What the page gets while it has something restored, a line of JSON each. */
export type RestoreStep =
  | {
    readonly kind: "progress";
    readonly files: number;
    readonly bytes: number;
  }
  | { readonly kind: "done"; readonly text: string }
  | { readonly kind: "failed"; readonly text: string };

export interface PageOptions {
  /** First part of every path; who does not know it gets nothing. */
  readonly token: string;
  readonly page: string;
  readonly store: ObjectStore;
  /** The file key in an age header. */
  readonly openHeader: (header: Uint8Array) => Promise<Uint8Array>;
  /** Restores to the disk of this machine. */
  readonly restore: (
    request: RestoreRequest,
    signal: AbortSignal,
  ) => AsyncIterable<RestoreStep>;
}

const REQUEST_BYTES_MAX = 64 * 1024;
const SAFETY = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "x-frame-options": "DENY",
  "cache-control": "no-store",
};

/** Serves the page that looks into snapshots, what it reads of the store, and what it has restored. The identity stays here. */
export class PageServer {
  readonly #options: PageOptions;
  readonly #base: string;

  constructor(options: PageOptions) {
    this.#options = options;
    this.#base = `/${options.token}/`;
  }

  readonly handle = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    // A name server cannot make another page's address lead here.
    if (url.hostname !== "127.0.0.1") {
      return says(403, "This server has another name");
    }
    if (!this.#mayPass(url.pathname)) {
      return says(
        403,
        "The address lacks its secret part: use the one that was printed",
      );
    }
    try {
      return await this.#answer(
        request,
        url.pathname.slice(this.#base.length),
        url.searchParams,
      );
    } catch (error) {
      return says(statusOf(error), (error as Error).message);
    }
  };

  /** Without telling by its time how much of a wrong token was right. */
  #mayPass(pathname: string): boolean {
    const given = new TextEncoder().encode(
      pathname.slice(0, this.#base.length),
    );
    const wanted = new TextEncoder().encode(this.#base);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }

  async #answer(
    request: Request,
    path: string,
    query: URLSearchParams,
  ): Promise<Response> {
    const { store, page } = this.#options;
    const prefix = query.get("prefix") ?? "";
    switch (
      `${request.method} ${path.startsWith("store/") ? "store/" : path}`
    ) {
      case "GET ":
        return new Response(page, {
          headers: { "content-type": "text/html; charset=utf-8", ...SAFETY },
        });
      case "GET served":
        return json({ location: store.location });
      case "GET list":
        return json(await this.#list(prefix));
      case "GET folders":
        return json(await foldersIn(store, prefix));
      case "GET store/":
      case "HEAD store/":
        return await this.#object(request, path.slice("store/".length));
      case "POST open":
        return bytes(
          await this.#options.openHeader(
            await bodyOf(request, HEADER_BYTES_MAX),
          ),
        );
      case "POST restore":
        return this.#restore(
          parseRestoreRequest(await bodyOf(request, REQUEST_BYTES_MAX)),
        );
      default:
        return says(404, "Not there");
    }
  }

  async #list(prefix: string): Promise<object[]> {
    const listed: object[] = [];
    for await (
      const { name, size, modified } of this.#options.store.list(prefix, {})
    ) {
      listed.push({ name, size, modified: modified.getTime() });
    }
    return listed;
  }

  async #object(
    { method, headers, signal }: Request,
    name: string,
  ): Promise<Response> {
    if (!isName(name)) return says(404, "Not there");
    const { store } = this.#options;
    const size = method === "HEAD" || headers.has("range") ? await store.size(name) : undefined;
    if (method === "HEAD") {
      if (size === undefined) throw new NotFoundError("Not there");
      return new Response(null, {
        headers: { "content-length": String(size), ...SAFETY },
      });
    }
    const range = size === undefined ? undefined : rangeOf(headers.get("range"), size);
    if (range === "none") return says(416, "It is shorter");
    if (range === undefined) return bytes(await store.get(name));
    const { start, end } = range;
    return bytes(
      await store.get(name, {
        range: { offset: start, length: end - start },
        signal,
      }),
      206,
    );
  }

  /** A page that goes away stops what it has begun. */
  #restore(request: RestoreRequest): Response {
    const stop = new AbortController();
    const encoder = new TextEncoder();
    const steps = this.#options.restore(request, stop.signal)
      [Symbol.asyncIterator]();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { value, done } = await steps.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(JSON.stringify(value) + "\n"));
      },
      cancel: () => stop.abort(),
    });
    return new Response(body, {
      headers: { "content-type": "application/x-ndjson", ...SAFETY },
    });
  }
}

async function bodyOf(request: Request, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const piece of request.body ?? []) {
    if ((length += piece.length) > maxBytes) {
      throw new UsageError("The request is too large");
    }
    pieces.push(piece);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

function statusOf(error: unknown): number {
  if (error instanceof NotFoundError) return 404;
  if (error instanceof UsageError) return 400;
  return error instanceof CorruptionError ? 422 : 503;
}

function json(value: unknown): Response {
  return Response.json(value, { headers: SAFETY });
}

function bytes(body: Uint8Array, status = 200): Response {
  return new Response(body.slice(), {
    status,
    headers: { "content-type": "application/octet-stream", ...SAFETY },
  });
}

function says(status: number, text: string): Response {
  return new Response(text, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...SAFETY },
  });
}
