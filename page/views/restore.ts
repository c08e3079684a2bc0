import type { Path } from "../../src/model/path.ts";
import { fill, h } from "../dom.ts";
import { shown } from "../text.ts";

/** Asks for a directory of the machine that runs `vaultik browse`; `undefined` where the user does not want to. */
export function askRestore(path: Path, time: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const target = h("input", {
      id: "target",
      required: true,
      placeholder: "/mnt/restored",
      spellcheck: "false",
    });
    const dialog = h("dialog", { "aria-labelledby": "restore-title", class: "ask" });
    const submit = (event: Event) => {
      event.preventDefault();
      resolve(target.value.trim());
      dialog.close();
    };
    const what = `${
      shown(path)
    } of ${time}, with owners and all attributes, into a directory of this machine that is empty or not there yet.`;
    fill(dialog, [restoreForm(what, target, submit, () => dialog.close())]);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(undefined);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

function restoreForm(
  what: string,
  target: HTMLInputElement,
  submit: (event: Event) => void,
  cancel: () => void,
): HTMLElement {
  return h(
    "form",
    { submit },
    h("h2", { id: "restore-title" }, "Restore to disk"),
    h("p", {}, what),
    h("label", { for: "target", class: "field" }, h("span", {}, "Directory"), target),
    h(
      "footer",
      {},
      h("button", { class: "primary" }, "Restore"),
      h("button", { type: "button", click: cancel }, "Cancel"),
    ),
  );
}
