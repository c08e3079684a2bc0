import assert from "node:assert/strict";
import { CorruptionError } from "../../../src/base/errors.ts";
import { rangeOf } from "../../../src/operations/webdav/range.ts";
import { Webdav } from "../../../src/operations/webdav/webdav.ts";
import { MemoryTree } from "../mount/memory_tree.ts";

const BYTES = new TextEncoder().encode("0123456789");
/** No name has a slash. */
const HOSTILE = `<script>alert(1)<!--&"'\x01\xff`;

function tree(): MemoryTree {
  const read = (offset: number, length: number) => Promise.resolve(BYTES.subarray(offset, offset + length));
  return new MemoryTree({
    7: {
      attributes: { mode: 0o755 },
      entries: new Map([
        ["file", 2],
        ["dir", 3],
        ["link", 4],
        ["loop", 5],
        ["away", 8],
        [HOSTILE, 2],
        ["broken", 6],
        ["pipe", 9],
      ]),
    },
    2: { attributes: { size: 10 }, read },
    3: { attributes: { mode: 0o755 }, entries: new Map([["up", 10], ["inner", 2]]) },
    4: { attributes: {}, target: "dir/inner" },
    5: { attributes: {}, target: "loop" },
    6: { attributes: { size: 10 }, read: () => Promise.reject(new CorruptionError("lost")) },
    8: { attributes: {}, target: "/etc/passwd" },
    9: { attributes: { kind: "fifo" } },
    10: { attributes: {}, target: "../file" },
  });
}

const losses: Error[] = [];
const webdav = new Webdav(tree(), { token: "secret", onLoss: (error) => losses.push(error) });

function ask(path: string, init: RequestInit = {}, host = "127.0.0.1:9"): Promise<Response> {
  return webdav.handle(new Request(`http://${host}${path}`, init));
}

Deno.test("without the secret part of the address, or under another name, there is nothing", async () => {
  for (const path of ["/", "/file", "/secre/file", "/secretx/file", "/SECRET/file", "/other1/file"]) {
    assert.equal((await ask(path)).status, 403, path);
  }
  assert.equal((await ask("/secret/file", {}, "evil.example")).status, 403);
  assert.equal((await ask("/secret/file")).status, 200);
  assert.equal((await ask("/secret/file", {}, "localhost:9")).status, 200);
});

Deno.test("a file is sent whole or in part, and links to files are files", async () => {
  assert.equal(await (await ask("/secret/file")).text(), "0123456789");
  assert.equal(await (await ask("/secret/link")).text(), "0123456789");
  assert.equal(await (await ask("/secret/dir/up")).text(), "0123456789");
  const part = await ask("/secret/file", { headers: { range: "bytes=2-4" } });
  assert.equal(part.status, 206);
  assert.equal(part.headers.get("content-range"), "bytes 2-4/10");
  assert.equal(await part.text(), "234");
  assert.equal((await ask("/secret/file", { headers: { range: "bytes=10-" } })).status, 416);
  const head = await ask("/secret/file", { method: "HEAD" });
  assert.equal(head.headers.get("content-length"), "10");
  assert.equal(await head.text(), "");
});

const RANGES: [header: string | null, size: number, expected: unknown][] = [
  [null, 10, undefined],
  ["bytes=0-0", 10, { start: 0, end: 1 }],
  ["bytes=9-", 10, { start: 9, end: 10 }],
  ["bytes=5-100", 10, { start: 5, end: 10 }],
  ["bytes=-3", 10, { start: 7, end: 10 }],
  ["bytes=-30", 10, { start: 0, end: 10 }],
  ["bytes=-0", 10, "none"],
  ["bytes=10-11", 10, "none"],
  ["bytes=0-", 0, "none"],
  ["bytes=4-3", 10, undefined],
  ["bytes=1-2,4-5", 10, undefined],
  ["bytes=-", 10, undefined],
  ["lines=1-2", 10, undefined],
];

for (const [header, size, expected] of RANGES) {
  Deno.test(`the range ${header} of ${size} bytes`, () => assert.deepEqual(rangeOf(header, size), expected));
}

Deno.test("PROPFIND lists what can be shown, once each, with names that cannot break out", async () => {
  const response = await ask("/secret/", { method: "PROPFIND", headers: { depth: "1" } });
  assert.equal(response.status, 207);
  const xml = await response.text();
  const hrefs = [...xml.matchAll(/<D:href>([^<]*)<\/D:href>/g)].map(([, href]) => href);
  assert.deepEqual(hrefs, [
    "/secret/",
    "/secret/file",
    "/secret/dir/",
    "/secret/link",
    "/secret/%3Cscript%3Ealert%281%29%3C%21--%26%22%27%01%FF",
    "/secret/broken",
  ]);
  assert.ok(!xml.includes("<script"), xml);
  // deno-lint-ignore no-control-regex
  assert.ok(!/[\x00-\x08\x0b-\x1f]/.test(xml), "XML cannot hold control characters");
  assert.match(xml, /<D:getcontentlength>10</);
  const self = await (await ask("/secret/dir", { method: "PROPFIND", headers: { depth: "0" } })).text();
  assert.equal(self.match(/<D:response>/g)!.length, 1);
  for (const depth of ["infinity", undefined]) {
    const headers: Record<string, string> = depth === undefined ? {} : { depth };
    assert.equal((await ask("/secret/", { method: "PROPFIND", headers })).status, 403);
  }
});

Deno.test("a browser gets a list without anything that runs", async () => {
  const response = await ask("/secret/");
  assert.match(response.headers.get("content-security-policy")!, /default-src 'none'; sandbox/);
  const html = await response.text();
  assert.ok(!html.includes("<script"), html);
  assert.match(html, /&lt;script&gt;/);
});

Deno.test("what is not there, is not to be shown or is malformed is said, and nothing can be changed", async () => {
  const paths = [
    "/missing",
    "/loop",
    "/away",
    "/pipe",
    "/file/x",
    "/dir/missing",
    "/%2e%2e/x",
    "/..%2f..%2fetc",
  ];
  for (const path of paths) {
    const { status } = await ask(`/secret${path}`);
    assert.ok(status === 404 || status === 400 || status === 403, `${path}: ${status}`);
  }
  assert.equal((await ask("/secret/%zz")).status, 400);
  for (const method of ["PUT", "DELETE", "MKCOL", "MOVE", "PROPPATCH", "LOCK", "POST"]) {
    assert.equal((await ask("/secret/file", { method })).status, 405, method);
  }
  const options = await ask("/secret/", { method: "OPTIONS" });
  assert.equal(options.headers.get("dav"), "1");
});

Deno.test("a file that is lost breaks off, and is said", async () => {
  losses.length = 0;
  const response = await ask("/secret/broken");
  await assert.rejects(response.text(), /lost/);
  assert.equal(losses.length, 1);
});

Deno.test("any bytes of a name are found by the address that is listed for them", async () => {
  const response = await ask("/secret/%3Cscript%3Ealert%281%29%3C%21--%26%22%27%01%FF");
  assert.equal(await response.text(), "0123456789");
  assert.equal((await ask("/secret/a%2Fb")).status, 400);
});
