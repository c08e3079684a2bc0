import assert from "node:assert/strict";
import type { Channels } from "../../src/notices/messages.ts";
import { Notifier } from "../../src/notices/notifier.ts";
import { FAILED, GOOD, outcome } from "./outcomes.ts";

/** Short, as it is waited for; the servers never answer in time, however slow the machine is. */
const TIMEOUT_MS = 300;

type Answer = (request: Request) => Response | Promise<Response>;

/** Serves `answer` while `work` runs; what was asked for, in order. */
async function serving(answer: Answer, work: (url: string) => Promise<void>): Promise<string[]> {
  const asked: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    asked.push(`${request.method} ${new URL(request.url).pathname}`);
    await request.arrayBuffer();
    return await Promise.race([answer(request), promise.then(() => new Response())]);
  });
  try {
    await work(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    resolve();
    await server.shutdown();
  }
  return asked;
}

function notifier(channels: Channels, more: { mailTo?: string[]; sendmail?: string } = {}) {
  const warnings: string[] = [];
  const options = { mailTo: [], sendmail: "/nowhere", details: false, always: true, timeoutMs: TIMEOUT_MS };
  return {
    warnings,
    sender: new Notifier({ ...options, channels, ...more }, (text) => void warnings.push(text)),
  };
}

const never = () => new Promise<Response>(() => {});

function endless(): Response {
  const body = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65536)) });
  return new Response(body);
}

const SERVERS: [what: string, answer: Answer, warning: string | undefined][] = [
  ["answers", () => new Response("OK"), undefined],
  ["answers without end", endless, undefined],
  ["claims another length", () => new Response("x", { headers: { "content-encoding": "gzip" } }), undefined],
  ["hangs", never, "it did not answer in time"],
  [
    "redirects",
    () => new Response(null, { status: 302, headers: { location: "/elsewhere" } }),
    "it answered 302",
  ],
  [
    "redirects in circles",
    () => new Response(null, { status: 307, headers: { location: "/secret" } }),
    "it answered 307",
  ],
  ["refuses", () => new Response("no", { status: 403 }), "it answered 403"],
  ["is broken", () => new Response("no", { status: 500 }), "it answered 500"],
];
for (const [what, answer, warning] of SERVERS) {
  Deno.test(`a server that ${what} costs a run nothing, and its address is not shown`, async () => {
    const asked = await serving(answer, async (url) => {
      const { sender, warnings } = notifier({ webhook: `${url}/secret` });
      await sender.end(outcome(GOOD));
      assert.deepEqual(warnings, warning === undefined ? [] : [`could not notify webhook: ${warning}`]);
    });
    assert.deepEqual(asked, ["POST /secret"]);
  });
}

Deno.test("an address where no one listens is a warning", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const { sender, warnings } = notifier({ ntfy: `http://127.0.0.1:${port}/secret` });
  await sender.end(outcome(FAILED));
  assert.deepEqual(warnings, ["could not notify ntfy: it could not be reached"]);
});

Deno.test("a start that hangs is given up when the run ends, and the end is sent", async () => {
  const answer: Answer = (request) => request.url.endsWith("/start") ? never() : new Response();
  const asked = await serving(answer, async (url) => {
    const { sender, warnings } = notifier({ healthchecks: `${url}/uuid` });
    sender.start();
    await sender.end(outcome(GOOD));
    assert.deepEqual(warnings.length, 1);
    assert.match(warnings[0]!, /^could not notify healthchecks: /);
  });
  assert.equal(asked.at(-1), "POST /uuid");
});

const SCRIPTS: [what: string, script: string, warning: RegExp | undefined][] = [
  ["takes it", 'cat > "$0.got"; echo "$@" > "$0.args"', undefined],
  ["does not read", "exit 0", undefined],
  ["fails", "cat > /dev/null; exit 75", /^could not notify mail: ".*" ended with 75$/],
  ["hangs", "exec sleep 600", /^could not notify mail: it did not answer in time$/],
];
for (const [what, script, warning] of SCRIPTS) {
  Deno.test(`a sendmail that ${what} costs a run nothing`, async () => {
    const directory = await Deno.makeTempDir();
    try {
      const sendmail = `${directory}/sendmail`;
      await Deno.writeTextFile(sendmail, `#!/bin/sh\n${script}\n`, { mode: 0o700 });
      const { sender, warnings } = notifier({}, { mailTo: ["admin@example.com"], sendmail });
      await sender.end(outcome(FAILED));
      if (warning === undefined) assert.deepEqual(warnings, []);
      else assert.match(warnings.join("\n"), warning);
      if (what !== "takes it") return;
      assert.match(
        await Deno.readTextFile(`${sendmail}.got`),
        /^To: admin@example.com\nSubject: web1: backup failed\n/,
      );
      assert.equal(await Deno.readTextFile(`${sendmail}.args`), "-i -- admin@example.com\n");
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}

Deno.test("a sendmail that is not there is a warning", async () => {
  const { sender, warnings } = notifier({}, { mailTo: ["admin@example.com"], sendmail: "/nowhere/sendmail" });
  await sender.end(outcome(FAILED));
  assert.deepEqual(warnings, ['could not notify mail: "/nowhere/sendmail" cannot be started']);
});
