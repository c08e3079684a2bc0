import { formatCount, formatSize } from "../../src/base/units.ts";
import type { SnapshotInfo } from "../../src/read/snapshot_info.ts";
import { fill, h } from "../dom.ts";
import { clock, day, shortDay, when } from "../text.ts";

/** Snapshots that are shown at a time. */
const SHOWN = 400;
/** Bars that the label of a day takes the place of. */
const LABEL_BARS = 3;
/** Heights of bars, in steps of the style sheet. */
const STEPS = 10;

/** A row of snapshots, oldest first, each as high as what it changed in size. Arrow keys go from one to the next. */
export class TimeLine {
  readonly element: HTMLElement;
  readonly #row = h("div", {
    class: "bars",
    role: "radiogroup",
    "aria-label": "Snapshots, oldest first",
  });
  readonly #text = h("p", { class: "moment", "aria-live": "polite" });
  readonly #onChoose: (info: SnapshotInfo) => void;
  #snapshots: readonly SnapshotInfo[] = [];
  #buttons: HTMLButtonElement[] = [];
  #first = 0;
  #chosen = 0;

  constructor(onChoose: (info: SnapshotInfo) => void) {
    this.#onChoose = onChoose;
    this.#row.addEventListener("keydown", (event) => this.#onKey(event));
    const step = (by: number, label: string, sign: string) =>
      h("button", {
        type: "button",
        class: "quiet",
        "aria-label": label,
        click: () => this.#choose(this.#chosen + by),
      }, sign);
    this.element = h(
      "section",
      { class: "time-line", "aria-label": "Time line" },
      h(
        "div",
        { class: "moment-row" },
        step(-1, "Earlier snapshot", "‹"),
        this.#text,
        step(1, "Later snapshot", "›"),
      ),
      this.#row,
    );
  }

  show(snapshots: readonly SnapshotInfo[], id: string): void {
    this.#snapshots = snapshots;
    this.#chosen = Math.max(0, snapshots.findIndex((info) => info.id === id));
    this.#draw();
    this.#mark();
  }

  #draw(): void {
    this.#first = Math.max(
      0,
      Math.min(this.#chosen - SHOWN / 2, this.#snapshots.length - SHOWN),
    );
    const shown = this.#snapshots.slice(this.#first, this.#first + SHOWN);
    const changes = this.#changes(shown);
    const most = Math.max(1, ...changes);
    let lastDay = "";
    let labelled = -LABEL_BARS;
    this.#buttons = [];
    const children: HTMLElement[] = [];
    for (const [i, info] of shown.entries()) {
      const today = day(info.startedAt);
      if (today !== lastDay && i - labelled >= LABEL_BARS) {
        children.push(h("span", { class: "day", "aria-hidden": "true" }, shortDay(info.startedAt)));
        labelled = i;
      }
      lastDay = today;
      const height = Math.max(
        1,
        Math.round(
          STEPS * Math.log1p(changes[i]!) / Math.log1p(most),
        ),
      );
      const button = h("button", {
        type: "button",
        role: "radio",
        class: `bar step-${height}${info.incomplete ? " incomplete" : ""}`,
        "aria-label": `${when(info.startedAt)}${info.incomplete ? ", incomplete" : ""}`,
        title: when(info.startedAt),
        click: () => this.#choose(this.#first + i),
      }, h("span", {}));
      this.#buttons.push(button);
      children.push(button);
    }
    fill(this.#row, children);
  }

  /** By how much each differs in size from the one before it. */
  #changes(shown: readonly SnapshotInfo[]): number[] {
    const before = (i: number) => this.#snapshots[this.#first + i - 1];
    return shown.map(({ bytes = 0 }, i) => Math.abs(bytes - (before(i)?.bytes ?? 0)));
  }

  #choose(number: number): void {
    const at = Math.min(this.#snapshots.length - 1, Math.max(0, number));
    if (at === this.#chosen) return;
    this.#chosen = at;
    if (at < this.#first || at >= this.#first + this.#buttons.length) {
      this.#draw();
    }
    this.#mark();
    this.#onChoose(this.#snapshots[at]!);
  }

  #mark(): void {
    for (const [i, button] of this.#buttons.entries()) {
      const isChosen = i + this.#first === this.#chosen;
      button.setAttribute("aria-checked", String(isChosen));
      button.tabIndex = isChosen ? 0 : -1;
      if (isChosen) {
        this.#row.scrollLeft = button.offsetLeft - this.#row.clientWidth / 2;
      }
    }
    const info = this.#snapshots[this.#chosen]!;
    const isNewest = this.#chosen === this.#snapshots.length - 1;
    fill(this.#text, [
      h("strong", {}, `${day(info.startedAt)}, ${clock(info.startedAt)}`),
      ` ${isNewest ? "newest" : `${this.#chosen + 1} of ${formatCount(this.#snapshots.length)}`}`,
      info.files === undefined ? "" : ` · ${formatCount(info.files)} files, ${formatSize(info.bytes ?? 0)}`,
      info.incomplete ? " · some files could not be read" : "",
    ]);
  }

  #onKey(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      Home: -Infinity,
      End: Infinity,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.#choose(this.#chosen + step);
    this.#buttons[this.#chosen - this.#first]?.focus();
  }
}
