import { formatSize } from "../../src/base/units.ts";
import type { Entry } from "../../src/model/entry.ts";
import { groupText, modeText, ownerText } from "../../src/model/entry_text.ts";
import { contentsOf } from "../../src/operations/browse/open_snapshot.ts";
import type { BrowsedSnapshot } from "../../src/operations/browse/open_snapshot.ts";
import { type Child, fill, h, objectUrl } from "../dom.ts";
import { localTime, messageOf, nameOf, shown } from "../text.ts";

const TEXT_BYTES = 128 * 1024;
const PICTURE_BYTES_MAX = 64 * 1024 * 1024;

/** The type that the browser is given for a file, whatever it says itself: a picture or a PDF, never a page. */
const PICTURES: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  bmp: "image/bmp",
  ico: "image/x-icon",
  svg: "image/svg+xml",
};

/** A file that is looked at. */
export interface Looked {
  readonly browsed: BrowsedSnapshot;
  readonly entry: Entry;
}

/** Shows a file in a dialog, with `actions` below it, until it is closed. */
export function preview(
  { browsed, entry }: Looked,
  actions: (close: () => void) => Child[],
): void {
  const closed = new AbortController();
  const contents = h(
    "div",
    { class: "contents", tabindex: 0 },
    h("p", { class: "hint" }, "Opening…"),
  );
  const dialog = h("dialog", {
    "aria-labelledby": "preview-title",
    class: "preview",
  });
  const close = () => dialog.close();
  fill(dialog, [
    heading(entry, close),
    h("dl", {}, ...facts(entry)),
    contents,
    h("footer", {}, ...actions(close)),
  ]);
  dialog.addEventListener("close", () => {
    closed.abort();
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
  show({ browsed, entry }, closed.signal).then(
    (children) => fill(contents, children),
    (error) =>
      fill(contents, [
        h("p", { class: "problem", role: "alert" }, messageOf(error)),
      ]),
  );
}

function heading(entry: Entry, close: () => void): HTMLElement {
  return h(
    "header",
    {},
    h("h2", { id: "preview-title" }, shown(nameOf(entry.path))),
    h("button", { type: "button", class: "quiet", "aria-label": "Close", click: close }, "✕"),
  );
}

function facts(entry: Entry): Child[] {
  const rows: [string, string | undefined][] = [
    ["Path", shown(entry.path)],
    ["Size", entry.size === undefined ? undefined : formatSize(entry.size)],
    ["Changed", localTime(entry.mtime)],
    ["Owner", `${ownerText(entry)}:${groupText(entry)}  ${modeText(entry)}`],
    ["Leads to", entry.target === undefined ? undefined : shown(entry.target)],
  ];
  return rows.flatMap(([label, value]) =>
    value === undefined ? [] : [h("dt", {}, label), h("dd", {}, value)]
  );
}

async function show(
  { browsed, entry }: Looked,
  signal: AbortSignal,
): Promise<Child[]> {
  if (entry.kind !== "file") {
    return [h("p", { class: "hint" }, "There is nothing in it to show.")];
  }
  const file = await contentsOf(browsed, entry);
  const ending = /\.([a-z0-9]+)$/i.exec(entry.path)?.[1]?.toLowerCase() ?? "";
  const read = async (length: number) => new Blob(await file.read(0, length));
  const url = (bytes: Blob, type: string | undefined) => objectUrl(new Blob([bytes], { type }), signal);
  const name = shown(nameOf(entry.path));
  if (file.size <= PICTURE_BYTES_MAX && ending in PICTURES) {
    const picture = h("img", { alt: name });
    picture.src = url(await read(file.size), PICTURES[ending]);
    return [picture];
  }
  const start = new Uint8Array(await (await read(Math.min(TEXT_BYTES, file.size))).arrayBuffer());
  if (file.size <= PICTURE_BYTES_MAX && startsWith(start, "%PDF-")) {
    const frame = h("iframe", { title: name });
    frame.src = url(await read(file.size), "application/pdf");
    return [frame];
  }
  return asText(start, file.size);
}

/** The beginning of a file, where it is text. */
function asText(start: Uint8Array, size: number): Child[] {
  const text = textIn(start, start.length < size);
  if (text === undefined) {
    return [h("p", { class: "hint" }, "This is no text, picture or PDF: save it to open it.")];
  }
  const more = start.length < size
    ? `The first ${formatSize(start.length)} of ${formatSize(size)}`
    : undefined;
  return [h("pre", {}, text), more && h("p", { class: "hint" }, more)];
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return [...text].every((character, i) => bytes[i] === character.charCodeAt(0));
}

/** `undefined` where it is none. */
function textIn(bytes: Uint8Array, isCut: boolean): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, {
      stream: isCut,
    });
  } catch {
    return undefined;
  }
}
