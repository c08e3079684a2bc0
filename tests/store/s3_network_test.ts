import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { UsageError } from "../../src/base/errors.ts";
import { openS3Store } from "../../src/store/s3.ts";
import { reply, serveRaw } from "../fixtures/raw_server.ts";
import { locationAt } from "../fixtures/s3_server.ts";
import { noise, text } from "./objects.ts";

const TLS = fileURLToPath(new URL("../fixtures/tls/", import.meta.url));

Deno.test({
  name:
    "S3Store: a server whose authority only s3.ca_file names is trusted, for small and large objects, and no other",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const server = Deno.serve({
      hostname: "127.0.0.1",
      port: 0,
      cert: Deno.readTextFileSync(`${TLS}TEST-CERT.pem`),
      key: Deno.readTextFileSync(`${TLS}TEST-KEY.pem`),
      onListen: () => {},
    }, async (request) => {
      await request.arrayBuffer();
      return new Response(null, { headers: { etag: '"x"' } });
    });
    const location = locationAt(`https://127.0.0.1:${server.addr.port}`);
    {
      await using store = await openS3Store({ ...location, caFile: `${TLS}TEST-CA.pem` });
      await store.put("small", text("x"));
      await store.put("large", noise(2 << 20));
    }
    await using stranger = await openS3Store(location);
    await assert.rejects(stranger.put("a", noise(2 << 20)));
    await assert.rejects(stranger.put("a", text("x")), (error: Error) => {
      assert.ok(error instanceof UsageError, Deno.inspect(error));
      assert.match(error.message, /certificate .* is not trusted .*; check .* s3\.ca_file/);
      return true;
    });
    await server.shutdown();
  },
});

Deno.test({
  name: "S3Store: https to a server without TLS says so",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const plain = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const answering = (async () => {
      for await (const connection of plain) {
        await connection.write(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
        connection.close();
      }
    })();
    const store = await openS3Store(locationAt(`https://127.0.0.1:${plain.addr.port}`));
    for (const bytes of [text("x"), noise(2 << 20)]) {
      await assert.rejects(store.put("a", bytes), /does not speak TLS/);
    }
    await store[Symbol.asyncDispose]();
    plain.close();
    await answering;
  },
});

/** In a process of its own, since the proxy comes from its environment. */
const PROXIED = `
  const { openS3Store } = await import(Deno.args[0]);
  const location = {
    kind: "s3", endpoint: "http://s3.test", bucket: "vaultik", prefix: "p", region: "us-east-1",
    accessKeyId: "A", secretAccessKey: "B", useSsl: false, partSizeBytes: 5 << 20, pathStyle: false,
  };
  const store = await openS3Store(location);
  await store.put("small", new Uint8Array(10));
  await store.put("large", new Uint8Array(2 << 20));
  await store.get("small");
  Deno.exit(0);
`;

Deno.test({
  name: "S3Store: all traffic goes through the proxy of the environment, to the host named after the bucket",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const seen: string[] = [];
    await using proxy = serveRaw((request) => {
      seen.push(`${request.method} ${request.url}`);
      return reply(request, 200, request.method === "GET" ? "0123456789" : "");
    });
    const script = await Deno.makeTempFile({ prefix: "vaultik-proxied-", suffix: ".ts" });
    await Deno.writeTextFile(script, PROXIED);
    const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--no-prompt", "--no-check", "--quiet", "--config", config, script],
        new URL("../../src/store/s3.ts", import.meta.url).href,
      ],
      env: { HTTP_PROXY: proxy.endpoint, http_proxy: proxy.endpoint, NO_PROXY: "", no_proxy: "" },
    }).output();
    await Deno.remove(script);
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    const paths = seen.map((line) => line.split("?")[0]);
    const at = "http://vaultik.s3.test/p";
    assert.deepEqual(paths, [`PUT ${at}/small`, `PUT ${at}/large`, `GET ${at}/small`]);
  },
});
