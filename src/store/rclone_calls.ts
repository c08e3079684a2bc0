import { EnvironmentError, UnavailableError } from "../base/errors.ts";
import { MAX_ERROR_BYTES, readText } from "./bounded_answer.ts";
import { withIdleLimit } from "./idle_limit.ts";
import { fromRcloneError, type RcloneCall } from "./rclone_errors.ts";
import type { RcloneServer } from "./rclone_server.ts";
import { checkExtent, checkMaximum } from "./read_checks.ts";
import { readExactly } from "./s3_read.ts";
import type { CallOptions, GetOptions } from "./store.ts";

/**
 * rclone has limits of its own for a connection on which nothing moves (five minutes by default) and tries again after;
 * this one is for an rclone that hangs itself.
 */
export const CALL_LIMIT_MS = 15 * 60_000;
/** A listing of a million objects. */
const MAX_LISTING_BYTES = 256 << 20;

export interface RcloneRequest extends RcloneCall, CallOptions {
  /** Default: {@link CALL_LIMIT_MS}. */
  readonly limitMs?: number;
}

/** Calls a function of rclone's remote control, and gives the members of the answer. Throws what {@link fromRcloneError} makes of a refusal. */
export async function callRclone(
  server: RcloneServer,
  path: string,
  input: object,
  request: RcloneRequest,
): Promise<Readonly<Record<string, unknown>>> {
  return await withAnswer(
    server,
    request,
    path,
    { method: "POST", body: JSON.stringify(input) },
    async (answer) => {
      const text = await readText(answer.body, MAX_LISTING_BYTES);
      if (text !== undefined) return membersIn(text);
      throw new EnvironmentError(
        `Cannot ${request.action} "${request.thing}": rclone's answer is longer than ${MAX_LISTING_BYTES} bytes`,
      );
    },
  );
}

function membersIn(text: string): Readonly<Record<string, unknown>> {
  try {
    return { ...JSON.parse(text) };
  } catch (cause) {
    throw new UnavailableError("rclone's answer is malformed", { cause });
  }
}

/** Reads an object, or exactly `range` of it. */
export async function readFromRclone(
  server: RcloneServer,
  fs: string,
  name: string,
  request: RcloneRequest & Pick<GetOptions, "range" | "maxBytes" | "into">,
): Promise<Uint8Array> {
  const { range, thing } = request;
  const path = `[${fs.split("/").map(encodeURIComponent).join("/")}]/${name}`;
  const headers = range === undefined
    ? undefined
    : { range: `bytes=${range.offset}-${range.offset + range.length - 1}` };
  return await withAnswer(server, request, path, { headers }, async (answer, watch) => {
    const length = answer.headers.get("content-length");
    checkExtent(
      thing,
      range,
      length === null ? undefined : Number(length),
      answer.headers.get("content-range") ?? undefined,
    );
    checkMaximum(thing, Number(length), request);
    const bytes = request.into ?? new Uint8Array(Number(length));
    return await readExactly(answer.body!, bytes, watch);
  });
}

type Watch = Parameters<Parameters<typeof withIdleLimit>[2]>[0];

async function withAnswer<T>(
  server: RcloneServer,
  request: RcloneRequest,
  path: string,
  init: { readonly method?: string; readonly body?: string; readonly headers?: Record<string, string> },
  use: (answer: Response, watch: Watch) => Promise<T>,
): Promise<T> {
  const { signal, limitMs = CALL_LIMIT_MS } = request;
  try {
    return await withIdleLimit(limitMs, signal, async (watch) => {
      const answer = await send(server, path, init, watch.signal);
      if (!answer.ok) {
        const said = await readText(answer.body, MAX_ERROR_BYTES) ?? "";
        throw fromRcloneError(answer.status, messageIn(said), request);
      }
      try {
        return await use(answer, watch);
      } finally {
        if (!answer.bodyUsed) await answer.body?.cancel();
      }
    });
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (server.ended !== undefined) throw server.ended;
    if (error instanceof UnavailableError && !error.message.startsWith("Cannot")) {
      throw new UnavailableError(`Cannot ${request.action} "${request.thing}": ${error.message}`, {
        cause: error.cause,
      });
    }
    throw error;
  }
}

async function send(
  server: RcloneServer,
  path: string,
  init: { readonly method?: string; readonly body?: string; readonly headers?: Record<string, string> },
  signal: AbortSignal,
): Promise<Response> {
  const headers = {
    ...init.headers,
    authorization: server.authorization,
    "content-type": "application/json",
  };
  try {
    return await fetch(`${server.url}/${path}`, { ...init, headers, signal, client: server.client });
  } catch (cause) {
    throw new UnavailableError("rclone does not answer", { cause });
  }
}

/** What an answer says is wrong: JSON where rclone made it, a line of text where its HTTP server did. */
function messageIn(text: string): string {
  try {
    return String(JSON.parse(text).error);
  } catch {
    return text.trim();
  }
}
