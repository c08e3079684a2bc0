import { DrilledHost } from "./drilled_host.ts";

/** Other bytes, as many; a slow machine may have made more than one blob. */
export async function rubbish(host: DrilledHost): Promise<void> {
  for (const blob of host.objects("blobs")) {
    const bytes = await Deno.readFile(blob);
    await Deno.chmod(blob, 0o600);
    await Deno.writeFile(blob, bytes.map((byte) => byte ^ 0x55));
  }
}

export async function loseRights(host: DrilledHost): Promise<AsyncDisposable> {
  const server = refusing();
  const endpoint = `http://127.0.0.1:${server.port}`;
  const s3 = { endpoint, access_key_id: "AKID", secret_access_key: "SECRET" };
  await host.configure({ storage_url: "s3://backup/web1", s3 });
  return server;
}

/** A server that lets no one do anything. */
export function refusing(): AsyncDisposable & { readonly port: number } {
  const body =
    '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>';
  const answer = () => new Response(body, { status: 403, headers: { "content-type": "application/xml" } });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  return { port: server.addr.port, [Symbol.asyncDispose]: () => server.shutdown() };
}
