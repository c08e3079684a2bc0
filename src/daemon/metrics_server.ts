import { EnvironmentError } from "../base/errors.ts";

const HOSTNAME = "127.0.0.1";
const PATH = "/metrics";
const OPEN_METRICS = "application/openmetrics-text";

/** A running server; disposing of it closes its connections. */
export interface MetricsServer extends AsyncDisposable {
  readonly port: number;
}

/**
 * Lets programs of this machine read metrics at `http://127.0.0.1:PORT/metrics`; `text` gives them in Prometheus' exposition format. Throws
 * `EnvironmentError` where the port is taken.
 */
export function serveMetrics(port: number, text: () => string): MetricsServer {
  const stop = new AbortController();
  try {
    const server = Deno.serve({
      hostname: HOSTNAME,
      port,
      signal: stop.signal,
      onListen() {},
      onError: () => new Response(null, { status: 500 }),
    }, (request) => answer(request, text));
    return {
      port: server.addr.port,
      async [Symbol.asyncDispose]() {
        stop.abort();
        await server.finished;
      },
    };
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AddrInUse)) throw cause;
    throw new EnvironmentError(
      `Cannot serve metrics on port ${port}: another program has it; use another metrics_port`,
      { cause },
    );
  }
}

function answer({ method, url, headers }: Request, text: () => string): Response {
  const { pathname, hostname } = new URL(url);
  // A page in a browser of this machine may have a name of its own lead here.
  if (hostname !== HOSTNAME && hostname !== "localhost") return new Response(null, { status: 403 });
  if (pathname !== PATH) return new Response(null, { status: 404 });
  if (method !== "GET" && method !== "HEAD") return new Response(null, { status: 405 });
  const isOpenMetrics = headers.get("accept")?.includes(OPEN_METRICS) ?? false;
  const type = isOpenMetrics ? `${OPEN_METRICS}; version=1.0.0` : "text/plain; version=0.0.4";
  return new Response(isOpenMetrics ? `${text()}# EOF\n` : text(), {
    headers: { "content-type": `${type}; charset=utf-8` },
  });
}
