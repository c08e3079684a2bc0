import { toLatin1 } from "../../base/bytes.ts";
import { displayPath, type Path } from "../../model/path.ts";

// Names of files, which are any bytes and may be meant to do harm, as text of URLs, XML and HTML.

/** The names in the path of a URL; `undefined` where an escape is malformed or a name could not be one. */
export function namesOfUrl(pathname: string): string[] | undefined {
  const names: string[] = [];
  for (const part of pathname.split("/").filter((part) => part !== "")) {
    if (/%(?![0-9a-f]{2})/i.test(part)) return undefined;
    const bytes = new TextEncoder().encode(part);
    const name = toLatin1(bytes).replace(/%(..)/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
    if (name === "." || name === ".." || /[/\0]/.test(name)) return undefined;
    names.push(name);
  }
  return names;
}

/** A name as a part of a URL: only letters, digits and `-._~` stay as they are. */
export function toUrl(name: Path): string {
  return name.replace(
    /[^A-Za-z0-9._~-]/g,
    (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0"),
  );
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text for XML and HTML, within quotes too; what XML cannot hold is shown as `\xNN`, as control characters are. */
export function toMarkup(name: Path): string {
  const text = displayPath(name).replace(/[\ufffe\uffff]/g, "\ufffd");
  return text.replace(/[&<>"']/g, (c) => ENTITIES[c]!);
}
