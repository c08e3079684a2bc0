import { timingSafeEqual } from "node:crypto";
import { CorruptionError, NotFoundError } from "../../base/errors.ts";
import type { Tree } from "../browse/tree.ts";
import { namesOfUrl } from "./names.ts";
import { listing } from "./listing.ts";
import { etagOf, modifiedOf, multistatus } from "./pages.ts";
import { rangeOf } from "./range.ts";
import { type Resource, resourceAt, resourcesIn } from "./resources.ts";

const READ_BYTES = 1024 * 1024;
const METHODS = "OPTIONS, GET, HEAD, PROPFIND";
/** A browser runs nothing of what files hold, and tells other pages nothing. */
const SAFETY = {
  "content-security-policy": "default-src 'none'; sandbox",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

export interface WebdavOptions {
  /** First part of every path; who does not know it gets nothing. */
  readonly token: string;
  /** Called for what could not be read. */
  readonly onLoss: (error: Error) => void;
}

/** Answers requests with a tree, which no one can change: WebDAV (RFC 4918, class 1) without its writing methods. */
export class Webdav {
  readonly #tree: Tree;
  readonly #base: string;
  readonly #onLoss: (error: Error) => void;

  constructor(tree: Tree, { token, onLoss }: WebdavOptions) {
    this.#tree = tree;
    this.#base = `/${token}`;
    this.#onLoss = onLoss;
  }

  readonly handle = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    if (!isLocal(url.hostname)) return says(403, "This server has another name");
    if (!this.#mayPass(url.pathname)) {
      return says(403, "The address lacks its secret part: use the one that was printed");
    }
    const names = namesOfUrl(url.pathname.slice(this.#base.length));
    if (names === undefined) return says(400, "The address is malformed");
    try {
      return await this.#answer(request, "/" + names.join("/"));
    } catch (error) {
      if (error instanceof NotFoundError) return says(404, "Not there");
      this.#onLoss(error as Error);
      return says(error instanceof CorruptionError ? 500 : 503, (error as Error).message);
    }
  };

  /** Without telling by its time how much of a wrong token was right. */
  #mayPass(pathname: string): boolean {
    const given = new TextEncoder().encode(pathname.slice(0, this.#base.length));
    const wanted = new TextEncoder().encode(this.#base);
    const next = pathname[this.#base.length];
    return given.length === wanted.length && timingSafeEqual(given, wanted) &&
      (next === undefined || next === "/");
  }

  async #answer(request: Request, path: string): Promise<Response> {
    const { method, headers } = request;
    if (method === "OPTIONS") return new Response(null, { headers: { allow: METHODS, dav: "1", ...SAFETY } });
    if (!METHODS.split(", ").includes(method)) {
      return says(405, "Snapshots cannot be changed", { allow: METHODS });
    }
    const resource = await resourceAt(this.#tree, path);
    if (resource === undefined) throw new NotFoundError();
    if (method === "PROPFIND") return this.#properties(resource, headers.get("depth"));
    if (resource.isDirectory) return this.#directory(resource, method);
    return this.#file(resource, method, headers);
  }

  #properties(resource: Resource, depth: string | null): Response {
    if (depth !== "0" && depth !== "1") return says(403, "Only Depth: 0 and 1 are supported");
    const isListed = resource.isDirectory && depth === "1";
    const entries = isListed ? resourcesIn(this.#tree, resource) : nothing();
    return new Response(this.#stream(multistatus(this.#base, resource, entries)), {
      status: 207,
      headers: { "content-type": "application/xml; charset=utf-8", ...SAFETY },
    });
  }

  #directory(resource: Resource, method: string): Response {
    const headers = { "content-type": "text/html; charset=utf-8", ...SAFETY };
    if (method === "HEAD") return new Response(null, { headers });
    return new Response(this.#stream(listing(this.#base, resource, resourcesIn(this.#tree, resource))), {
      headers,
    });
  }

  #file(resource: Resource, method: string, asked: Headers): Response {
    const { size } = resource.attributes;
    const headers: Record<string, string> = {
      "content-type": "application/octet-stream",
      "accept-ranges": "bytes",
      "last-modified": modifiedOf(resource),
      etag: etagOf(resource),
      ...SAFETY,
    };
    const range = rangeOf(asked.get("range"), size);
    if (range === "none") {
      return new Response(null, { status: 416, headers: { ...headers, "content-range": `bytes */${size}` } });
    }
    const { start, end } = range ?? { start: 0, end: size };
    headers["content-length"] = String(end - start);
    if (range !== undefined) headers["content-range"] = `bytes ${start}-${end - 1}/${size}`;
    const body = method === "HEAD" ? null : this.#bytes(resource, start, end);
    return new Response(body, { status: range === undefined ? 200 : 206, headers });
  }

  /** What cannot be read breaks the connection off: the client sees that something is missing. */
  #bytes({ id }: Resource, start: number, end: number): ReadableStream<Uint8Array> {
    let at = start;
    return new ReadableStream({
      pull: async (controller) => {
        try {
          if (at >= end) return controller.close();
          await this.#tree.read(id, at, Math.min(READ_BYTES, end - at), (pieces) => {
            for (const piece of pieces) {
              controller.enqueue(piece.slice());
              at += piece.length;
            }
          });
        } catch (error) {
          this.#onLoss(error as Error);
          controller.error(error);
        }
      },
    });
  }

  #stream(texts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder();
    return new ReadableStream({
      pull: async (controller) => {
        try {
          const { done, value } = await texts.next();
          if (done) controller.close();
          else controller.enqueue(encoder.encode(value));
        } catch (error) {
          this.#onLoss(error as Error);
          controller.error(error);
        }
      },
      cancel: async () => void await texts.return(undefined),
    });
  }
}

async function* nothing(): AsyncGenerator<never> {}

/** A name server cannot make another page's address lead here. */
function isLocal(hostname: string): boolean {
  return hostname === "127.0.0.1" || hostname === "localhost" || hostname === "[::1]";
}

function says(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(text + "\n", {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...SAFETY, ...headers },
  });
}
