import type { S3Client } from "@aws-sdk/client-s3";
import type { StoreVerb, Traffic } from "./traffic.ts";

/** What each command of the SDK is to us; the others are part of writing. */
const VERBS: Readonly<Record<string, StoreVerb>> = {
  GetObjectCommand: "get",
  HeadObjectCommand: "size",
  ListObjectsV2Command: "list",
  ListObjectsCommand: "list",
  DeleteObjectCommand: "remove",
  DeleteObjectsCommand: "remove",
  AbortMultipartUploadCommand: "remove",
};

/** Counts every request that `client` sends. */
export function countRequests(client: S3Client, traffic: Traffic): void {
  client.middlewareStack.add((next, context) => async (args) => {
    const verb = VERBS[context.commandName ?? ""] ?? "put";
    traffic.call(verb);
    const answer = await next(args);
    const { body } = args.request as { body?: unknown };
    if (body instanceof Uint8Array) traffic.moved(verb, body.length);
    const { ContentLength } = answer.output as { ContentLength?: number };
    if (verb === "get" && ContentLength !== undefined) traffic.moved(verb, ContentLength);
    return answer;
  }, { step: "finalizeRequest", name: "countRequests", priority: "low" });
}
