import assert from "node:assert/strict";
import fc from "fast-check";
import { NotFoundError, UnavailableError } from "../../src/base/errors.ts";
import { askRunNow, askStatus, serveControl } from "../../src/daemon/control.ts";
import { OUTCOMES } from "../../src/daemon/status.ts";
import { Answers } from "../../src/operations/mount/answers.ts";
import { Webdav } from "../../src/operations/webdav/webdav.ts";
import { decodeRequest } from "../../src/platform/fuse/requests.ts";
import { MemoryTree } from "../operations/mount/memory_tree.ts";
import { mutateBytes, mutateJson, mutateText, mutations } from "./mutations.ts";
import { outcomeOf, type Target, target, targetWith } from "./target.ts";

const STATUS = {
  state: "waiting" as const,
  startedAt: "2025-01-02T03:04:05.000Z",
  watch: { directories: 1, roots: [], unwatched: [] },
  snapshots: [],
  lastRun: undefined,
  lastError: undefined,
  nextRunAt: undefined,
  nextFullScanAt: undefined,
  pid: 5,
};

const requestLine = fc.tuple(
  fc.constantFrom({ command: "status" }, { command: "run-now", wait: true }, { command: "run-now" }),
  mutations(2),
  mutations(2),
).map(([value, members, bytes]) => mutateText(JSON.stringify(mutateJson(value, members)) + "\n", bytes));

/** Whatever is written to it, the daemon goes on answering others. */
const control = targetWith("control request", 60, () => {
  const path = Deno.makeTempFileSync({ prefix: "vaultik-fuzz-" });
  let runs = 0;
  const serving = serveControl(path, {
    status: () => STATUS as never,
    // deno-lint-ignore require-await
    runNow: async () => ++runs % 2 === 0 ? "complete" : "failed",
  });
  return Promise.resolve({
    async check(line: string) {
      const connection = await Deno.connect({ transport: "unix", path });
      await connection.write(new TextEncoder().encode(line)).catch(() => 0);
      await connection.closeWrite().catch(() => {}); // it may have hung up already
      const answer = await new Response(connection.readable).text().catch(() => "");
      if (answer !== "") assert.ok(answer.endsWith("\n") && typeof JSON.parse(answer) === "object", answer);
      assert.equal((await askStatus(path)).pid, 5);
    },
    [Symbol.asyncDispose]: () => serving[Symbol.asyncDispose](),
  });
}, requestLine);

const answerLine = fc.tuple(
  fc.constantFrom({ outcome: "complete" }, { error: "no" }, STATUS),
  mutations(2),
  mutations(2),
)
  .map(([value, members, bytes]) => mutateText(JSON.stringify(mutateJson(value, members)) + "\n", bytes));

/** What answers need not be a daemon of this version. */
const controlAnswer = targetWith("control answer", 60, () => {
  const path = Deno.makeTempFileSync({ prefix: "vaultik-fuzz-" });
  Deno.removeSync(path);
  const listener = Deno.listen({ transport: "unix", path });
  let line = "";
  const serving = (async () => {
    for await (const connection of listener) {
      await connection.write(new TextEncoder().encode(line)).catch(() => 0);
      connection.close();
    }
  })();
  return Promise.resolve({
    async check(text: string) {
      line = text;
      const { signal } = new AbortController();
      const outcome = await outcomeOf([UnavailableError], () => askRunNow(path, true, signal));
      assert.ok(outcome === undefined || OUTCOMES.includes(outcome), String(outcome));
      const status = await outcomeOf([UnavailableError], () => askStatus(path));
      assert.ok(status === undefined || typeof status === "object" && status !== null);
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  });
}, answerLine);

const TEXT = new TextEncoder().encode("0123456789");
// deno-lint-ignore require-await
const read = async (offset: number, length: number) => TEXT.subarray(offset, offset + length);
const TREE = new MemoryTree({
  7: {
    attributes: { mode: 0o755 },
    entries: new Map([["file", 2], ["dir", 3], ["link", 4], ["<&\"'\xff", 2]]),
  },
  2: { attributes: { size: 10 }, read, xattrs: [["user.a", TEXT]], holes: [[2, 3]] },
  3: { attributes: { mode: 0o755 }, entries: new Map([["inner", 2]]) },
  4: { attributes: {}, target: "dir/inner" },
});
const FUSE_HEADER = 40;
const OPCODES = [1, 2, 3, 5, 15, 17, 22, 23, 25, 26, 27, 28, 29, 36, 38, 42, 44, 46];

/** As the kernel makes them: header, numbers, a name. */
const fuseRequest = fc.tuple(
  fc.constantFrom(...OPCODES),
  fc.constantFrom(1, 2, 3, 4, 99),
  fc.array(fc.constantFrom(0, 1, 5, 4096, 131_072), { minLength: 10, maxLength: 10 }),
  fc.constantFrom("file\0", "nothing\0", "user.a\0", ""),
  fc.oneof(fc.constant([]), mutations(2)),
).map(([opcode, node, numbers, name, changes]) => {
  const isNamed = opcode === 1;
  const bytes = new Uint8Array(FUSE_HEADER + (isNamed ? 0 : 4 * numbers.length) + name.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, opcode, true);
  view.setBigUint64(8, 5n, true);
  view.setBigUint64(16, BigInt(node), true);
  if (!isNamed) numbers.forEach((number, i) => view.setUint32(FUSE_HEADER + 4 * i, number, true));
  bytes.set(new TextEncoder().encode(name), bytes.length - name.length);
  return mutateBytes(bytes, changes);
});

/** The kernel asks for no more bytes at a time. */
const FUSE_REPLY_MAX = 2 << 20;

const fuse = target("FUSE request", fuseRequest, async (bytes) => {
  const request = await outcomeOf([RangeError], () => decodeRequest(bytes));
  if (request === undefined) return;
  let reply: readonly Uint8Array[] = [];
  await outcomeOf([NotFoundError], () => new Answers(TREE).to(request, (pieces) => void (reply = pieces)));
  if (reply.length === 0) return;
  const length = reply.reduce((sum, piece) => sum + piece.length, 0);
  const head = new DataView(reply[0]!.buffer, reply[0]!.byteOffset);
  assert.equal(head.getUint32(0, true), length);
  assert.ok(length <= FUSE_REPLY_MAX, `${length} bytes`);
}, 1_000);

const URLS = [
  "/secret/",
  "/secret/file",
  "/secret/dir/inner",
  "/secret/%2e%2e/x",
  "/secret/link",
  "/x",
  "/secret/%ff",
];

const webdavRequest = fc.record({
  path: fc.tuple(fc.constantFrom(...URLS), mutations(2)).map(([url, changes]) => mutateText(url, changes)),
  method: fc.constantFrom("GET", "HEAD", "PROPFIND", "OPTIONS", "PUT", "DELETE", "MKCOL"),
  range: fc.tuple(fc.constantFrom("bytes=0-3", "bytes=-5", "bytes=9-", "bytes=1-2,4-5"), mutations(2)),
  depth: fc.constantFrom("0", "1", "infinity", "-1", ""),
});

const STATUSES = [200, 206, 207, 400, 403, 404, 405, 416];

const webdav = target("WebDAV request", webdavRequest, async ({ path, method, range, depth }) => {
  const onLoss = (error: Error) => {
    throw error;
  };
  const server = new Webdav(TREE, { token: "secret", onLoss });
  const url = URL.parse(`http://127.0.0.1:9${path.startsWith("/") ? path : `/${path}`}`);
  const header = mutateText(...range).replace(/[^\x20-\x7e]/g, "");
  if (url === null) return;
  const answer = await server.handle(new Request(url, { method, headers: { range: header, depth } }));
  const body = new Uint8Array(await answer.arrayBuffer());
  assert.ok(STATUSES.includes(answer.status), `status ${answer.status}`);
  const length = answer.headers.get("content-length");
  if (length !== null && method === "GET") assert.equal(Number(length), body.length);
  assert.ok(answer.status === 400 || answer.status === 403 || answer.headers.has("content-security-policy"));
}, 200);

export const REQUEST_TARGETS: readonly Target[] = [control, controlAnswer, fuse, webdav];
