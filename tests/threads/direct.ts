import { type Handlers, type Remote, remoteBy } from "../../src/threads/rpc.ts";

/** Calls of `handlers` without a thread between. */
export function direct<Api>(handlers: Handlers<Api>): Remote<Api> {
  return remoteBy(async (method, argument) => {
    const handler = handlers[method as keyof Api] as (argument: unknown) => unknown;
    return await handler(argument);
  });
}
