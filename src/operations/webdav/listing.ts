import { toMarkup } from "./names.ts";
import { lastName, urlOf } from "./pages.ts";
import type { Resource } from "./resources.ts";

/** A directory for a browser, piece by piece. */
export async function* listing(
  base: string,
  { path }: Resource,
  entries: AsyncIterable<Resource>,
): AsyncGenerator<string> {
  yield `<!doctype html>\n<meta charset="utf-8"><title>${toMarkup(path)}</title>\n<h1>${
    toMarkup(path)
  }</h1>\n<ul>\n`;
  if (path !== "/") yield `<li><a href="../">..</a></li>\n`;
  for await (const entry of entries) {
    const slash = entry.isDirectory ? "/" : "";
    yield `<li><a href="${urlOf(base, entry)}">${toMarkup(lastName(entry.path))}${slash}</a></li>\n`;
  }
  yield `</ul>\n`;
}
