import { formatCount } from "../../src/base/units.ts";
import type { Entry } from "../../src/model/entry.ts";
import { type Path, pathOf } from "../../src/model/path.ts";
import { onlyPath } from "../../src/model/path_pattern.ts";
import { type BrowsedSnapshot, contentsOf } from "../../src/operations/browse/open_snapshot.ts";
import type { SnapshotInfo } from "../../src/read/snapshot_info.ts";
import { type Child, fill, h } from "../dom.ts";
import { saveFile, saveFolder } from "../saving.ts";
import { commonPath, nearest } from "../place.ts";
import { restoreThere, type Served } from "../served.ts";
import type { Session, SnapshotSet } from "../session.ts";
import { messageOf, nameOf, shown, when } from "../text.ts";
import { chartsView } from "./charts.ts";
import { breadcrumb, DirectoryView } from "./files.ts";
import { FoundView, matcherOf, type Question } from "./found.ts";
import { preview } from "./preview.ts";
import { askRestore } from "./restore.ts";
import { TimeLine } from "./time_line.ts";
import { WorkView } from "./work.ts";

/** Where the user is. */
interface Place {
  readonly set: number;
  readonly id: string;
  /** `undefined`: where the files begin. */
  readonly path?: Path;
}

/** The snapshots of an unlocked store. */
export class Explorer {
  readonly #session: Session;
  readonly #server: Served | undefined;
  readonly #timeLine = new TimeLine(({ id }) => this.#go({ ...this.#place, id }));
  readonly #directory = new DirectoryView({
    enter: (path) => this.#go({ ...this.#place, path }),
    look: (entry) => this.#look(entry, this.#place.id),
  });
  readonly #found: FoundView;
  readonly #work = new WorkView();
  readonly #where = h("div", { class: "where" });
  readonly #shown = h("div", { class: "shown", tabindex: -1 });
  readonly #scope = h(
    "select",
    { "aria-label": "Where to search" },
    h("option", { value: "all" }, "all snapshots"),
    h("option", { value: "this" }, "this snapshot"),
  );
  #place: Place;

  constructor(root: Element, session: Session, server: Served | undefined) {
    this.#session = session;
    this.#server = server;
    this.#found = new FoundView(session);
    this.#place = this.#newest(0);
    fill(root, [
      this.#header(),
      h(
        "main",
        { class: "wide" },
        ...this.#warnings(),
        this.#timeLine.element,
        this.#where,
        this.#shown,
      ),
      this.#work.element,
    ]);
    addEventListener("popstate", ({ state }) => {
      if (state !== null) this.#show(state as Place);
    });
    history.replaceState(this.#place, "");
    this.#show(this.#place);
  }

  get #set(): SnapshotSet {
    return this.#session.sets[this.#place.set]!;
  }

  get #info(): SnapshotInfo {
    return this.#set.snapshots.find(({ id }) => id === this.#place.id)!;
  }

  #newest(set: number): Place {
    const { snapshots } = this.#session.sets[set]!;
    return { set, id: snapshots.at(-1)!.id };
  }

  #header(): HTMLElement {
    const sets: HTMLSelectElement = h(
      "select",
      {
        "aria-label": "Host and source set",
        change: () => this.#go(this.#newest(Number(sets.value))),
      },
      ...this.#session.sets.map(({ hostname, name }, i) => h("option", { value: i }, `${hostname}: ${name}`)),
    );
    return h(
      "header",
      { class: "top" },
      h("h1", {}, "Vaultik"),
      h(
        "span",
        { class: "location", title: this.#session.store.location },
        this.#session.store.location,
      ),
      sets,
      this.#searchForm(),
      h("button", { type: "button", click: () => this.#charts() }, "Charts"),
      h("button", { type: "button", click: () => location.reload() }, "Lock"),
    );
  }

  #searchForm(): HTMLElement {
    const search = h("input", {
      type: "search",
      "aria-label": "Search for a name or a pattern",
      placeholder: "Search: report, *.conf, /etc/**",
    });
    const onSearch = (event: Event) => {
      event.preventDefault();
      const text = search.value.trim();
      if (text !== "") this.#search(text);
    };
    return h(
      "form",
      { class: "search", role: "search", submit: onSearch },
      search,
      this.#scope,
      h("button", {}, "Search"),
    );
  }

  #warnings(): Child[] {
    const { warnings } = this.#session;
    if (warnings.length === 0) return [];
    return [
      h(
        "details",
        { class: "warnings" },
        h(
          "summary",
          {},
          `Not everything could be read (${formatCount(warnings.length)})`,
        ),
        h("ul", {}, ...warnings.map((text) => h("li", {}, text))),
      ),
    ];
  }

  #go(place: Place): void {
    history.pushState(place, "");
    this.#show(place);
  }

  async #show(place: Place): Promise<void> {
    this.#place = place;
    this.#timeLine.show(this.#set.snapshots, place.id);
    fill(this.#shown, [this.#directory.element]);
    try {
      const browsed = await this.#session.open(this.#set, place.id);
      const path = await nearest(browsed, place.path ?? commonPath(browsed.snapshot.roots.map(pathOf)));
      if (this.#place !== place) return;
      if (path !== place.path) {
        this.#place = { ...place, path };
        history.replaceState(this.#place, "");
      }
      this.#showWhere(path);
      await this.#directory.show(browsed, path);
    } catch (error) {
      if (this.#place === place) {
        fill(this.#shown, [h("p", { class: "problem", role: "alert" }, messageOf(error))]);
      }
    }
  }

  #showWhere(path: Path): void {
    fill(this.#where, [
      breadcrumb(path, (other) => this.#go({ ...this.#place, path: other })),
      h("button", { type: "button", click: () => this.#saveFolder(path) }, "Save folder…"),
      this.#server && h("button", { type: "button", click: () => this.#restore(path) }, "Restore to disk…"),
    ]);
  }

  #charts(): void {
    fill(this.#where, [
      h(
        "button",
        { type: "button", click: () => this.#show(this.#place) },
        "Back to the files",
      ),
    ]);
    fill(this.#shown, [chartsView(this.#set)]);
    this.#shown.focus({ preventScroll: true });
  }

  #search(text: string): void {
    const all = this.#scope.value === "all";
    const ids = all ? this.#set.snapshots.map(({ id }) => id) : [this.#place.id];
    const { test, within } = matcherOf(text);
    this.#ask({
      within,
      test,
      ids,
      title: `“${text}” in ${all ? "all snapshots" : "this snapshot"}`,
    });
  }

  #ask(question: Question): void {
    fill(this.#shown, [this.#found.element]);
    this.#found.show(this.#set, question, async ({ entry }, id) => {
      const browsed = await this.#session.open(this.#set, id);
      const whole = (await browsed.entries.find(entry.path))?.entry ?? entry;
      if (whole.kind === "directory") {
        this.#go({ ...this.#place, id, path: whole.path });
      } else await this.#look(whole, id);
    }, () => this.#show(this.#place));
  }

  async #look(entry: Entry, id: string): Promise<void> {
    const browsed = await this.#session.open(this.#set, id);
    const versions = () =>
      this.#ask({
        within: entry.path,
        test: onlyPath(entry.path),
        ids: this.#set.snapshots.map((info) => info.id),
        title: `Versions of ${shown(nameOf(entry.path))}`,
        isHistory: true,
      });
    preview({ browsed, entry }, (close) => [
      h("button", {
        type: "button",
        class: "primary",
        disabled: entry.kind !== "file",
        click: () => this.#saveFile(browsed, entry),
      }, "Save…"),
      h(
        "button",
        { type: "button", click: () => (close(), versions()) },
        "Versions",
      ),
      this.#server &&
      h(
        "button",
        {
          type: "button",
          click: () => (close(), this.#restore(entry.path, id)),
        },
        "Restore to disk…",
      ),
    ]);
  }

  async #saveFile(browsed: BrowsedSnapshot, entry: Entry): Promise<void> {
    const name = shown(nameOf(entry.path));
    const contents = await contentsOf(browsed, entry);
    await this.#work.run(
      `Saving ${name}`,
      contents.size,
      async (work) => await saveFile(contents, entry.path, work) ? `Saved ${name}` : undefined,
    );
  }

  async #saveFolder(path: Path): Promise<void> {
    const browsed = await this.#session.open(this.#set, this.#place.id);
    const name = path === "/" ? "everything" : shown(nameOf(path));
    await this.#work.run(`Saving ${name} as zip`, undefined, async (work) => {
      const leftOut = await saveFolder(browsed, path, work);
      if (leftOut === undefined) return undefined;
      if (leftOut.length === 0) return `Saved ${name} as zip`;
      return `Saved ${name} as zip, but for ${formatCount(leftOut.length)}: ${
        leftOut.slice(0, 3).join("; ")
      }`;
    });
  }

  async #restore(path: Path, id = this.#place.id): Promise<void> {
    const target = await askRestore(path, when(this.#info.startedAt));
    if (target === undefined) return;
    const request = {
      host: this.#set.tools.host,
      id,
      path: btoa(path),
      target,
    };
    await this.#work.run(
      `Restoring ${shown(path)}`,
      undefined,
      async ({ signal, onProgress }) => {
        for await (const step of restoreThere(request, signal)) {
          if (step.kind === "failed") throw new Error(step.text);
          if (step.kind === "done") return step.text;
          onProgress(step.bytes, step.files);
        }
        throw new Error("The program has ended before the restore had");
      },
    );
  }
}
