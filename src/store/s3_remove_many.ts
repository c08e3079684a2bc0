import type { DeleteObjectsCommandOutput, S3Client } from "@aws-sdk/client-s3";
import { UnavailableError } from "../base/errors.ts";
import type { Watch } from "./idle_limit.ts";
import type { S3Abilities } from "./s3_abilities.ts";
import { md5Base64 } from "./s3_checksum.ts";
import { type Sdk, sendOptions } from "./s3_client.ts";
import { codeOf, NotS3Error } from "./s3_errors.ts";
import type { NotRemoved } from "./store.ts";

type Removal = InstanceType<Sdk["DeleteObjectsCommand"]>;

/** HTTP's word for what S3 says of one key; of what is not here there is none. */
const STATUSES: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  InternalError: 500,
  SlowDown: 503,
  ServiceUnavailable: 503,
};
const GONE = /^NoSuch(Key|Version|Object)$/;
const CODE = /^\w{1,64}$/;

export interface RemovalTools {
  readonly sdk: Sdk;
  readonly abilities: Pick<S3Abilities, "manyRemovals">;
  target(name: string): { readonly Bucket: string; readonly Key: string };
  call<T>(work: (watch: Watch, client: S3Client) => Promise<T>): Promise<T>;
  /** What the store said of one object, as one of our errors. */
  failure(name: string, error: unknown): Error;
}

/**
 * Removes objects by one request, and gives those that are still there. `undefined` where the store does not know the request, does not let
 * these credentials make it, or does not say what became of each; it is not asked again then.
 */
export async function removeMany(
  names: readonly string[],
  tools: RemovalTools,
): Promise<readonly NotRemoved[] | undefined> {
  const { abilities } = tools;
  if (abilities.manyRemovals.seen === "no") return undefined;
  try {
    const left = leftBy(await send(names, tools), names, tools);
    abilities.manyRemovals = left === undefined
      ? { seen: "no", said: "an answer that does not name each object" }
      : { seen: "yes" };
    return left;
  } catch (error) {
    const said = whyNot(error as Error);
    if (said === undefined) throw error;
    abilities.manyRemovals = { seen: "no", said };
    return undefined;
  }
}

async function send(
  names: readonly string[],
  { sdk, target, call }: RemovalTools,
): Promise<DeleteObjectsCommandOutput> {
  const { Bucket } = target("");
  const Objects = names.map((name) => ({ Key: target(name).Key }));
  return await call((watch, client) => {
    const command = new sdk.DeleteObjectsCommand({ Bucket, Delete: { Objects } });
    checkByMd5(command);
    return client.send(command, sendOptions(watch));
  });
}

/** S3 wants a checksum of the body. The SDK's is a newer one, which older stores do not know. */
function checkByMd5({ middlewareStack }: Removal): void {
  middlewareStack.add(
    (next) => async (args) => {
      const request = args.request as { headers: Record<string, string>; body: string | Uint8Array };
      for (const name of Object.keys(request.headers)) {
        if (/^x-amz-(sdk-)?checksum-/.test(name)) delete request.headers[name];
      }
      request.headers["content-md5"] = md5Base64(request.body);
      return await next(args);
    },
    { step: "build", name: "checkByMd5", priority: "low" },
  );
}

/** Where an object is not named, what became of it is not known. Keys that were not asked for are nothing to us. */
function leftBy(
  { Deleted = [], Errors = [] }: DeleteObjectsCommandOutput,
  names: readonly string[],
  { target, failure }: RemovalTools,
): readonly NotRemoved[] | undefined {
  const errors = new Map(Errors.map((error) => [error.Key, error]));
  const deleted = new Set(Deleted.map(({ Key }) => Key));
  const left: NotRemoved[] = [];
  for (const name of names) {
    const { Key } = target(name);
    const error = errors.get(Key);
    if (error === undefined && !deleted.has(Key)) return undefined;
    if (error === undefined || GONE.test(error.Code ?? "")) continue;
    left.push({ name, error: failure(name, asAnswer(error)) });
  }
  return left;
}

/** As the SDK throws the answer to a request for one object. */
function asAnswer({ Code = "", Message = "" }: { Code?: string; Message?: string }): Error {
  const name = CODE.test(Code) ? Code : "Unknown";
  return Object.assign(new Error(Message), {
    name,
    $metadata: { httpStatusCode: STATUSES[name] ?? 400 },
  });
}

/** What a store answered that does not do it; `undefined` where something else went wrong. */
function whyNot(error: Error): string | undefined {
  if (error.cause instanceof NotS3Error) return error.cause.message;
  const { name, status = 0 } = codeOf(error.cause);
  const isAnswer = (status >= 400 && status < 500) || status === 501;
  // An answer of which the SDK can make nothing.
  const isNonsense = status >= 200 && status < 300;
  return (isAnswer && !(error instanceof UnavailableError)) || isNonsense ? `${status} ${name}` : undefined;
}
