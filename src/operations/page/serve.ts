import { EnvironmentError } from "../../base/errors.ts";
import { type PageOptions, PageServer } from "./page_server.ts";

const HOSTNAME = "127.0.0.1";

export interface ServePageOptions extends PageOptions {
  /** 0: any that is free. */
  readonly port: number;
  readonly signal: AbortSignal;
  /** Told the address, with its secret part. */
  readonly onListen: (url: string) => void;
}

/** Serves the page to browsers of this machine until the signal is aborted. Throws `EnvironmentError` where the port is taken. */
export async function servePage(options: ServePageOptions): Promise<void> {
  const { port, signal, token, onListen } = options;
  try {
    const server = Deno.serve({
      hostname: HOSTNAME,
      port,
      signal,
      onListen: (address) => onListen(`http://${HOSTNAME}:${address.port}/${token}/`),
      onError: () => new Response(null, { status: 500 }),
    }, new PageServer(options).handle);
    await server.finished;
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AddrInUse)) throw cause;
    throw new EnvironmentError(
      `Cannot serve on port ${port}: another program has it; use another --port`,
      {
        cause,
      },
    );
  }
}
