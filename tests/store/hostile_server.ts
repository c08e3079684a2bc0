import assert from "node:assert/strict";
import { silent } from "../../src/report/events.ts";
import { retrying } from "../../src/store/retrying.ts";
import { openS3Store } from "../../src/store/s3.ts";
import type { ObjectStore } from "../../src/store/store.ts";
import { type RawRequest, serveRaw, write } from "../fixtures/raw_server.ts";
import { locationAt } from "../fixtures/s3_server.ts";

export const MIB = 1 << 20;
/** What the sockets of both ends may hold beyond what is read. */
export const IN_SOCKETS_BYTES = 48 * MIB;
const POLICY = { baseMs: 1, maxDelayMs: 2, limitMs: 50, firstLimitMs: 50 };

interface Case {
  /** Answers a request; `sent` counts what it sends. */
  readonly answer: (request: RawRequest, number: number, sent: { bytes: number }) => Promise<void>;
  readonly prove: (store: ObjectStore) => Promise<void>;
  /** More than that is never taken from the server. */
  readonly mostBytes?: number;
  readonly mostRequests?: number;
}

/** A server that means harm: what is taken from it, and how often it is asked, stays within bounds. */
export function hostileTest(
  name: string,
  { answer, prove, mostBytes = IN_SOCKETS_BYTES, mostRequests = 100 }: Case,
) {
  Deno.test({
    name: `S3Store on a hostile server: ${name}`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const sent = { bytes: 0 };
      let requests = 0;
      await using server = serveRaw((request) => answer(request, ++requests, sent));
      const inner = await openS3Store(locationAt(server.endpoint), { idleLimitMs: 5000 });
      await using store = retrying(inner, silent, { policy: POLICY });
      await prove(store);
      assert.ok(sent.bytes <= mostBytes, `${sent.bytes} bytes were taken`);
      assert.ok(requests <= mostRequests, `${requests} requests`);
    },
  });
}

/** Sends `head` and then `piece` until `bytes` are sent, or no one reads any more. */
export async function flood(
  { connection }: RawRequest,
  head: string,
  piece: string,
  bytes: number,
  sent: { bytes: number },
): Promise<void> {
  await write(connection, head);
  const block = new TextEncoder().encode(piece.repeat(Math.ceil(MIB / piece.length)));
  for (let left = bytes; left > 0; left -= block.length) {
    for (let done = 0; done < block.length;) {
      const count = await connection.write(block.subarray(done));
      done += count;
      sent.bytes += count;
    }
  }
  connection.close();
}

export function ok(length: number): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\ncontent-length: ${length}\r\netag: "x"\r\n\r\n`;
}
