import { silent } from "../../src/report/events.ts";
import { openS3Store } from "../../src/store/s3.ts";
import type { S3Location } from "../../src/store/s3_client.ts";
import { retrying } from "../../src/store/retrying.ts";
import type { ObjectStore } from "../../src/store/store.ts";
import { type RawRequest, reply, serveRaw } from "../fixtures/raw_server.ts";
import { locationAt } from "../fixtures/s3_server.ts";

export const POLICY = { baseMs: 1, maxDelayMs: 2 };

interface Case {
  readonly location?: Partial<S3Location>;
  readonly answer?: (request: RawRequest, number: number) => Promise<void>;
  readonly prove: (store: ObjectStore, requests: readonly RawRequest[]) => Promise<void>;
}

/** A store on a server that keeps the requests, and answers each with an empty 200 unless the case knows better. */
export function requestTest(name: string, { location, answer, prove }: Case): void {
  Deno.test({
    name: `S3Store: ${name}`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const requests: RawRequest[] = [];
      await using server = serveRaw((request) => {
        const number = requests.push(request);
        return answer?.(request, number) ?? reply(request, 200, "");
      });
      const inner = await openS3Store({ ...locationAt(server.endpoint), ...location }, { idleLimitMs: 5000 });
      await using store = retrying(inner, silent, { policy: POLICY });
      await prove(store, requests);
    },
  });
}

export function headerOf(request: RawRequest, name: string): string | undefined {
  return new RegExp(`^${name}: *(.*)$`, "im").exec(request.head)?.[1]?.trim();
}
