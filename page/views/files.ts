import { CorruptionError } from "../../src/base/errors.ts";
import { formatCount, formatSize } from "../../src/base/units.ts";
import type { Entry } from "../../src/model/entry.ts";
import { joinPath, type Path, sortKey } from "../../src/model/path.ts";
import type { BrowsedSnapshot } from "../../src/operations/browse/open_snapshot.ts";
import { type Child, fill, h } from "../dom.ts";
import { localTime, messageOf, nameOf, shown } from "../text.ts";

/** Entries that are shown at a time. */
const BATCH = 500;

/** What the rows of a table lead to. */
export interface FileActions {
  enter(path: Path): void;
  look(entry: Entry): void;
}

/** Shows what is in a directory, some at a time: there may be very many. */
export class DirectoryView {
  readonly element = h("section", { class: "files" });
  readonly #actions: FileActions;
  #shows = 0;

  constructor(actions: FileActions) {
    this.#actions = actions;
  }

  async show(browsed: BrowsedSnapshot, directory: Path): Promise<void> {
    const turn = ++this.#shows;
    const body = h("tbody");
    const status = h("p", { class: "hint", role: "status" }, "Opening…");
    const more = h("button", { type: "button", hidden: true }, "Show more");
    fill(this.element, [table(body), more, status]);
    const steps = entriesIn(browsed, directory);
    const lost: string[] = [];
    let count = 0;
    const add = async () => {
      more.hidden = true;
      const rows = await this.#nextRows(steps, turn, lost);
      if (rows === undefined) return;
      body.append(...rows);
      count += rows.length;
      more.hidden = rows.length < BATCH;
      fill(status, statusOf(count, lost, !more.hidden));
    };
    more.addEventListener("click", () => add());
    await add();
  }

  /** Some rows more, and in `lost` why there are not all; `undefined` where something else is shown by now. */
  async #nextRows(
    steps: AsyncGenerator<Entry | Error>,
    turn: number,
    lost: string[],
  ): Promise<HTMLElement[] | undefined> {
    const rows: HTMLElement[] = [];
    try {
      while (rows.length < BATCH) {
        const { value, done } = await steps.next();
        if (turn !== this.#shows) return undefined;
        if (done) break;
        if (value instanceof Error) lost.push(value.message);
        else rows.push(this.#row(value));
      }
    } catch (error) {
      lost.push(messageOf(error));
    }
    return turn === this.#shows ? rows : undefined;
  }

  #row(entry: Entry): HTMLElement {
    const isDirectory = entry.kind === "directory";
    const open = () => isDirectory ? this.#actions.enter(entry.path) : this.#actions.look(entry);
    return entryRow(entry, shown(nameOf(entry.path)), open);
  }
}

/** What is said below a table of `count` entries. */
function statusOf(count: number, lost: readonly string[], hasMore: boolean): Child[] {
  const isEmpty = count === 0 && lost.length === 0;
  const text = isEmpty ? "Nothing is in this folder." : hasMore ? `${formatCount(count)} so far` : "";
  return [
    text,
    ...lost.map((message) => h("span", { class: "problem" }, `Not everything can be read: ${message}`)),
  ];
}

export function table(body: HTMLElement): HTMLElement {
  return h(
    "table",
    {},
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        h("th", { scope: "col" }, "Name"),
        h("th", { scope: "col", class: "number" }, "Size"),
        h("th", { scope: "col", class: "time" }, "Changed"),
      ),
    ),
    body,
  );
}

const KIND_NAMES: Readonly<Record<Entry["kind"], string>> = {
  file: "",
  directory: "folder",
  symlink: "link",
  fifo: "pipe",
  char_device: "device",
  block_device: "device",
};

export function entryRow(
  entry: Entry,
  label: string,
  open: () => void,
  detail?: string,
): HTMLElement {
  const { kind, size, mtime } = entry;
  return h(
    "tr",
    {},
    h(
      "td",
      {},
      h(
        "button",
        { type: "button", class: `name ${kind}`, click: open },
        h("span", { class: "label" }, label),
      ),
      detail !== undefined && h("small", { class: "detail" }, detail),
    ),
    h(
      "td",
      { class: "number" },
      kind === "file" ? formatSize(size ?? 0) : KIND_NAMES[kind],
    ),
    h("td", { class: "time" }, localTime(mtime)),
  );
}

/** Directories first is what people expect, but a directory may have more entries than memory holds: they come in order of their names. */
async function* entriesIn(
  { entries }: BrowsedSnapshot,
  directory: Path,
): AsyncGenerator<Entry | Error> {
  const found = await entries.find(directory);
  if (found === undefined && directory !== "/") {
    throw new CorruptionError("The folder is not in this snapshot");
  }
  const position = found === undefined ? 0 : found.position + 1;
  for await (const step of entries.list(directory, position)) {
    if ("error" in step) yield step.error;
    else if (sortKey(step.found.entry.path) !== sortKey(directory)) {
      yield step.found.entry;
    }
  }
}

/** Where one is, each part a step back. */
export function breadcrumb(path: Path, go: (path: Path) => void): HTMLElement {
  const names = path.split("/").filter((name) => name !== "");
  let at: Path = "/";
  const steps = [{ name: "All files", path: at }];
  for (const name of names) steps.push({ name, path: at = joinPath(at, name) });
  return h(
    "nav",
    { "aria-label": "Folder", class: "breadcrumb" },
    h(
      "ol",
      {},
      ...steps.map((step, i) =>
        h(
          "li",
          {},
          i === steps.length - 1 ? h("span", { "aria-current": "page" }, shown(step.name)) : h("button", {
            type: "button",
            class: "link",
            click: () => go(step.path),
          }, shown(step.name)),
        )
      ),
    ),
  );
}
