import { EnvironmentError } from "../base/errors.ts";

const HOSTNAME = "127.0.0.1";

export interface ServeOptions {
  /** 0: any that is free. */
  readonly port: number;
  /** The secret part of the address: the first of every path. */
  readonly token: string;
  readonly signal: AbortSignal;
  /** Called with the address, with its secret part. */
  readonly onListen: (url: string) => void;
}

/** Lets `handle` answer programs of this machine until the signal is aborted. Throws `EnvironmentError` where the port is taken. */
export async function serveLocally(
  handle: (request: Request) => Promise<Response>,
  { port, token, signal, onListen }: ServeOptions,
): Promise<void> {
  try {
    const server = Deno.serve({
      hostname: HOSTNAME,
      port,
      signal,
      onListen: (address) => onListen(`http://${HOSTNAME}:${address.port}/${token}/`),
      onError: () => new Response(null, { status: 500 }),
    }, handle);
    await server.finished;
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AddrInUse)) throw cause;
    throw new EnvironmentError(`Cannot serve on port ${port}: another program has it; use another --port`, {
      cause,
    });
  }
}
