/** Serves a directory as web servers do: files with ranges, directories as pages of links. */
export function serveDirectory(root: string): AsyncDisposable & { readonly url: string } {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const path = root + decodeURIComponent(new URL(request.url).pathname);
    try {
      if ((await Deno.stat(path)).isDirectory) return index(path);
      return part(await Deno.readFile(path), request.headers.get("range"), path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      return new Response("not there", { status: 404 });
    }
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function index(directory: string): Response {
  const links = [...Deno.readDirSync(directory)].map(({ name, isDirectory }) => {
    const href = encodeURIComponent(name) + (isDirectory ? "/" : "");
    return `<a href="${href}">${href}</a>`;
  });
  return new Response(`<a href="../">..</a><a href="?sort">Name</a>${links.join("\n")}`, {
    headers: { "content-type": "text/html" },
  });
}

function part(bytes: Uint8Array<ArrayBuffer>, range: string | null, path: string): Response {
  const type = path.endsWith(".html") ? "text/html" : "application/octet-stream";
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? [];
  if (first === undefined) return new Response(bytes, { headers: { "content-type": type } });
  const [start, end] = [Number(first), Math.min(Number(last) + 1, bytes.length)];
  return new Response(bytes.slice(start, end), {
    status: 206,
    headers: { "content-range": `bytes ${start}-${end - 1}/${bytes.length}`, "content-type": type },
  });
}
