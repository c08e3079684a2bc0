import assert from "node:assert/strict";
import { EnvironmentError } from "../../src/base/errors.ts";
import { serveMetrics } from "../../src/daemon/metrics_server.ts";
import { metricsText } from "../../src/report/metrics.ts";
import { SUMMARY } from "../notices/outcomes.ts";
import { strict } from "../report/strict_metrics.ts";

const TEXT = metricsText("", [{ name: "home", paths: ["/home"], status: "success", summary: SUMMARY }], {
  hostname: "web1",
  now: new Date("2026-01-01T00:00:06Z"),
  expectedIntervalMs: 86_400_000,
  isRestic: true,
  version: "1.2.3",
  names: ["home"],
});

Deno.test("programs of this machine read the metrics of now in either format", async () => {
  let text = "";
  await using server = serveMetrics(0, () => text);
  const url = `http://127.0.0.1:${server.port}/metrics`;
  assert.equal(await (await fetch(url)).text(), "");
  text = TEXT;
  const plain = await fetch(url);
  assert.equal(plain.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  assert.equal(await plain.text(), TEXT);
  const accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5";
  const open = await fetch(url, { headers: { accept } });
  assert.equal(
    open.headers.get("content-type"),
    "application/openmetrics-text; version=1.0.0; charset=utf-8",
  );
  const lines = (await open.text()).split("\n");
  assert.deepEqual(lines.slice(-2), ["# EOF", ""]);
  assert.ok(strict(lines.slice(0, -2).join("\n") + "\n").size > 15);
});

Deno.test("the metrics server has one page, that is read only, and answers to its own name", async () => {
  await using server = serveMetrics(0, () => TEXT);
  const status = async (path: string, init?: RequestInit) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, init);
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await status("/"), 404);
  assert.equal(await status("/metrics?x=1"), 200);
  assert.equal(await status("/metrics", { method: "HEAD" }), 200);
  assert.equal(await status("/metrics", { method: "POST", body: "x" }), 405);
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  const request = "GET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
  await connection.write(new TextEncoder().encode(request));
  const answer = await new Response(connection.readable).text();
  assert.match(answer, /^HTTP\/1\.1 403 /);
});

Deno.test("a port that another program has is reported", async () => {
  await using server = serveMetrics(0, () => "");
  assert.throws(() => serveMetrics(server.port, () => ""), (error: Error) => {
    assert.ok(error instanceof EnvironmentError);
    assert.match(error.message, /another program has it; use another metrics_port/);
    return true;
  });
});
