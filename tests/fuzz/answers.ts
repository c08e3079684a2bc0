import assert from "node:assert/strict";
import fc from "fast-check";
import {
  CorruptionError,
  EnvironmentError,
  ExistsError,
  NotFoundError,
  UnavailableError,
  UsageError,
} from "../../src/base/errors.ts";
import { openRcloneStore } from "../../src/store/rclone.ts";
import { openS3Store } from "../../src/store/s3.ts";
import type { ObjectInfo, ObjectStore } from "../../src/store/store.ts";
import { locationAt } from "../fixtures/s3_server.ts";
import { mutateBytes, mutateJson, mutateText, mutations } from "./mutations.ts";
import { outcomeOf, type Target, targetWith } from "./target.ts";

const STORE_ERRORS = [
  ...[CorruptionError, EnvironmentError, ExistsError, NotFoundError, UnavailableError, UsageError],
];
/** Calls that wait for more of an answer give up after that. */
const IDLE_MS = 200;

/** What a server says, whatever it was asked. */
interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array<ArrayBuffer>;
}

const CALLS = ["get", "part", "put", "size", "list", "folders", "remove"] as const;
type Call = typeof CALLS[number];

const OBJECT = { name: "a/b", modified: "2025-01-02T03:04:05.000Z" };

/** Makes one call; what comes of it must be what a store may give. */
async function call(store: ObjectStore, what: Call): Promise<void> {
  switch (what) {
    case "get":
      return void await store.get(OBJECT.name, { maxBytes: 10_000 });
    case "part":
      return void assert.equal((await store.get(OBJECT.name, { range: { offset: 1, length: 3 } })).length, 3);
    case "put":
      return await store.put(OBJECT.name, new Uint8Array(5), { createOnly: true });
    case "size":
      return checkSize(await store.size(OBJECT.name));
    case "list":
      for await (const info of store.list("a/")) checkInfo(info);
      return;
    case "folders":
      return (await store.folders?.(""))?.forEach((name) => assert.doesNotMatch(name, /\/|^\.\.?$/));
    case "remove":
      return await store.remove(OBJECT.name);
  }
}

function checkSize(size: number | undefined): void {
  assert.ok(size === undefined || Number.isSafeInteger(size) && size >= 0, `size ${size}`);
}

function checkInfo({ name, size, modified }: ObjectInfo): void {
  assert.ok(name.startsWith("a/"), name);
  checkSize(size);
  assert.ok(!Number.isNaN(modified.getTime()), `time of ${name}`);
}

/** A server of ours that answers what it is given. */
class Answering implements AsyncDisposable {
  readonly endpoint: string;
  answer: Answer = { status: 200, headers: {}, body: new Uint8Array(0) };
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, async (request) => {
      await request.arrayBuffer();
      const { status, headers, body } = this.answer;
      const isBodiless = [204, 205, 304].includes(status) || request.method === "HEAD";
      return new Response(isBodiless ? null : body, { status, headers });
    });
    this.endpoint = `http://127.0.0.1:${this.#server.addr.port}`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server.shutdown();
  }
}

const LISTING =
  `<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>p/a/b</Key><Size>5</Size>` +
  `<LastModified>${OBJECT.modified}</LastModified><StorageClass>STANDARD</StorageClass></Contents>` +
  `<CommonPrefixes><Prefix>p/a/</Prefix></CommonPrefixes></ListBucketResult>`;
const ERROR =
  "<Error><Code>NoSuchKey</Code><Message>The key is not there</Message><Region>x</Region></Error>";
const CODES = [
  "NoSuchKey",
  "NoSuchBucket",
  "SlowDown",
  "AccessDenied",
  "InvalidRange",
  "NoSuchUpload",
  "PreconditionFailed",
];
const STATUSES = [200, 204, 206, 301, 307, 400, 403, 404, 405, 409, 412, 416, 429, 500, 501, 503];

/** Values of headers are text, whatever else they are. */
function headersOf(value: unknown): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, one] of Object.entries(value ?? {})) {
    const text = (typeof one === "string" ? one : JSON.stringify(one) ?? "").replace(/[^\x20-\x7e]/g, "?");
    if (/^[a-z-]+$/.test(name) && name !== "content-length") headers[name] = text;
  }
  return headers;
}

const S3_HEADERS = {
  "etag": '"x"',
  "content-type": "application/xml",
  "content-range": "bytes 1-3/5",
  "last-modified": "Thu, 02 Jan 2025 03:04:05 GMT",
  "x-amz-storage-class": "STANDARD",
  "x-amz-bucket-region": "us-east-1",
  "x-amz-checksum-sha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
  "x-amz-restore": 'ongoing-request="false"',
};

const xml = fc.tuple(
  fc.constantFrom(LISTING, ERROR, "", "abc", "12345"),
  fc.constantFrom(...CODES),
  mutations(3),
)
  .map(([text, code, changes]) => mutateText(text.replace("NoSuchKey", code), changes));

const s3Answer = fc.record({
  what: fc.constantFrom(...CALLS),
  status: fc.oneof(fc.constant(200), fc.constantFrom(...STATUSES)),
  headers: fc.tuple(mutations(2)).map(([changes]) => headersOf(mutateJson(S3_HEADERS, changes))),
  body: xml.map((text) => new TextEncoder().encode(text)),
});

const s3 = targetWith("answer of S3", 60, () => {
  const server = new Answering();
  return Promise.resolve({
    async check({ what, ...answer }: Answer & { readonly what: Call }) {
      server.answer = answer;
      // A store learns from what it meets, so each answer meets a new one.
      await using store = await openS3Store(locationAt(server.endpoint, "p"), { idleLimitMs: IDLE_MS });
      await outcomeOf(STORE_ERRORS, () => call(store, what));
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  });
}, s3Answer);

const RCLONE_ANSWERS = [
  { Features: { Move: true } },
  {
    list: [{
      Path: OBJECT.name,
      Name: "b",
      Size: 5,
      ModTime: OBJECT.modified,
      IsDir: false,
      Tier: "STANDARD",
    }],
  },
  { item: { Path: OBJECT.name, Size: 5, ModTime: OBJECT.modified } },
  { error: "object not found", status: 404, path: "operations/stat", input: {} },
  {},
];

/** One answer serves for all calls that a call makes: so it has the members of each. */
const rcloneAnswer = fc.record({
  what: fc.constantFrom(...CALLS),
  status: fc.constantFrom(200, 200, 200, 206, 404, 416, 500),
  headers: fc.constantFrom<Record<string, string>>({}, { "content-range": "bytes 1-3/5" }),
  body: fc.tuple(fc.constantFrom(...RCLONE_ANSWERS), mutations(3), fc.oneof(fc.constant([]), mutations(2)))
    .map(([value, members, bytes]) => {
      const all = { ...RCLONE_ANSWERS[0], ...RCLONE_ANSWERS[1], ...value };
      const text = JSON.stringify(mutateJson(all, members)) ?? "";
      return mutateBytes(new TextEncoder().encode(text), bytes);
    }),
});

/** A program that says it is an rclone which listens where our server does. */
function pretender(endpoint: string): string {
  const path = Deno.makeTempFileSync({ prefix: "vaultik-fuzz-rclone-" });
  const serving = `Serving remote control on ${endpoint}/`;
  const script =
    `#!/bin/sh\nif [ "$1" = version ]; then echo "rclone v1.60.0"; else echo "${serving}" >&2; exec sleep 86400; fi\n`;
  Deno.writeTextFileSync(path, script, { mode: 0o700 });
  Deno.chmodSync(path, 0o700);
  return path;
}

const rclone = targetWith("answer of rclone", 100, async () => {
  const server = new Answering();
  const program = pretender(server.endpoint);
  const right = {
    status: 200,
    headers: {},
    body: new TextEncoder().encode(JSON.stringify(RCLONE_ANSWERS[0])),
  };
  server.answer = right;
  const store = await openRcloneStore({ remote: "r", path: "p" }, { program });
  await store.size(OBJECT.name);
  return {
    async check({ what, ...answer }: Answer & { readonly what: Call }) {
      server.answer = answer;
      await outcomeOf(STORE_ERRORS, () => call(store, what));
    },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await Deno.remove(program);
    },
  };
}, rcloneAnswer);

export const ANSWER_TARGETS: readonly Target[] = [s3, rclone];
