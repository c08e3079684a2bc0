import { UnavailableError } from "../base/errors.ts";

/** What `node:http` of Deno 2.6 throws where no one can catch it, when a server hangs up before it has read a request. */
const ESCAPED =
  /^resource closed|body from connection|request body stream errored|connection (closed|reset)|broken pipe|operation canceled/i;

/** Whether an unhandled rejection is a connection that broke, and no bug of this program. */
export function isLostConnection(reason: unknown): boolean {
  return ESCAPED.test(reason instanceof Error ? reason.message : String(reason));
}

const waiting = new Set<(error: Error) => void>();
let isListening = false;

/**
 * `work`, unless a connection is lost meanwhile in a way that `work` may never hear of: then it is unavailable. Which of several it was no one
 * says, so that all of them end, and are tried again.
 */
export async function orLostConnection<T>(work: Promise<T>): Promise<T> {
  listen();
  const { promise, reject } = Promise.withResolvers<never>();
  waiting.add(reject);
  work.catch(() => {}); // may fail later, when no one waits any more
  try {
    return await Promise.race([work, promise]);
  } finally {
    waiting.delete(reject);
  }
}

function listen(): void {
  if (isListening) return;
  isListening = true;
  addEventListener("unhandledrejection", (event) => {
    if (!isLostConnection(event.reason)) return;
    event.preventDefault();
    const error = new UnavailableError("the connection was lost while bytes were sent", {
      cause: event.reason,
    });
    for (const reject of [...waiting]) reject(error);
  });
}
