import { formatCount, formatSize } from "../../src/base/units.ts";
import { fill, h } from "../dom.ts";
import type { OnProgress } from "../saving.ts";
import { messageOf } from "../text.ts";

/** How often people see a new number. */
const SHOW_MS = 150;

export interface Work {
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** Shows what long work has done, and lets the user stop it. */
export class WorkView {
  readonly element = h("aside", { class: "work", "aria-label": "Saving" });

  /** Resolves when it is over, however that comes. `run` returns what to say then, or nothing where the user changed their mind. */
  async run(
    title: string,
    totalBytes: number | undefined,
    run: (work: Work) => Promise<string | undefined>,
  ): Promise<void> {
    const stop = new AbortController();
    const text = h("p", { role: "status" }, title);
    const bar = h("progress", {
      "aria-label": title,
      ...totalBytes === undefined ? {} : { max: Math.max(1, totalBytes), value: 0 },
    });
    const button = h("button", {
      type: "button",
      click: () => stop.abort(new Error("Stopped")),
    }, "Stop");
    const item = h("div", { class: "work-item" }, text, bar, button);
    this.element.append(item);
    let shownAt = 0;
    const onProgress: OnProgress = (bytes, files) => {
      if (totalBytes !== undefined) bar.value = bytes;
      if (performance.now() - shownAt < SHOW_MS) return;
      shownAt = performance.now();
      fill(text, [
        `${title}: ${files > 0 ? `${formatCount(files)} files, ` : ""}${formatSize(bytes)}`,
      ]);
    };
    try {
      const said = await run({ signal: stop.signal, onProgress });
      if (said === undefined) return item.remove();
      fill(text, [said]);
      item.classList.add("done");
    } catch (error) {
      fill(text, [
        h("span", { class: "problem" }, `${title}: ${messageOf(error)}`),
      ]);
    }
    bar.remove();
    fill(button, ["Close"]);
    button.addEventListener("click", () => item.remove());
  }
}
