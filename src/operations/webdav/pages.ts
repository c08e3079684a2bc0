import type { Path } from "../../model/path.ts";
import { toMarkup, toUrl } from "./names.ts";
import type { Resource } from "./resources.ts";

// What is said of files and directories: as WebDAV (RFC 4918) for programs, as HTML for people.

/** The part of a URL for a path, behind `base`, which has no slash at its end. */
export function urlOf(base: string, { path, isDirectory }: Pick<Resource, "path" | "isDirectory">): string {
  const url = base + path.split("/").map(toUrl).join("/");
  return isDirectory && !url.endsWith("/") ? `${url}/` : url;
}

export function lastName(path: Path): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function etagOf({ id }: Resource): string {
  return `"${id.toString(36)}"`;
}

export function modifiedOf({ attributes: { mtime } }: Resource): string {
  const date = new Date(Number(BigInt(mtime) / 1_000_000n));
  return (isNaN(date.getTime()) ? new Date(0) : date).toUTCString();
}

function propertiesOf(base: string, resource: Resource): string {
  const { isDirectory, attributes, path } = resource;
  const properties = [
    `<D:displayname>${toMarkup(lastName(path))}</D:displayname>`,
    `<D:resourcetype>${isDirectory ? "<D:collection/>" : ""}</D:resourcetype>`,
    `<D:getlastmodified>${modifiedOf(resource)}</D:getlastmodified>`,
  ];
  if (!isDirectory) {
    properties.push(`<D:getcontentlength>${attributes.size}</D:getcontentlength>`);
    properties.push(`<D:getetag>${toMarkup(etagOf(resource))}</D:getetag>`);
    properties.push(`<D:getcontenttype>application/octet-stream</D:getcontenttype>`);
  }
  return `<D:response><D:href>${urlOf(base, resource)}</D:href><D:propstat><D:prop>${
    properties.join("")
  }</D:prop>` +
    `<D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>\n`;
}

/** The answer to PROPFIND, piece by piece. */
export async function* multistatus(
  base: string,
  resource: Resource,
  entries: AsyncIterable<Resource>,
): AsyncGenerator<string> {
  yield `<?xml version="1.0" encoding="utf-8"?>\n<D:multistatus xmlns:D="DAV:">\n` +
    propertiesOf(base, resource);
  for await (const entry of entries) yield propertiesOf(base, entry);
  yield `</D:multistatus>\n`;
}
