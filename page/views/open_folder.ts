import { UsageError } from "../../src/base/errors.ts";
import type { ObjectStore } from "../../src/store/store.ts";
import { confineTo } from "../confine.ts";
import { h } from "../dom.ts";
import { FilesStore, FolderStore } from "../stores/folder.ts";
import type { Fields } from "./form.ts";

/** Asks for a folder of this machine, by what the browser has for it. */
export const folderFields: Fields = (done, failed) => {
  const hint = h(
    "p",
    { class: "hint" },
    "The folder that has ",
    h("code", {}, "hosts"),
    " and ",
    h("code", {}, "README.txt"),
    " in it. The browser only reads it.",
  );
  const take = async (choose: () => Promise<ObjectStore>) => {
    try {
      const store = await choose();
      await check(store);
      confineTo(undefined);
      done(store);
    } catch (error) {
      if ((error as Error).name !== "AbortError") failed(error);
    }
  };
  return "showDirectoryPicker" in globalThis ? [pickerButton(take), hint] : [...filesInput(take), hint];
};

type Take = (choose: () => Promise<ObjectStore>) => Promise<void>;

function pickerButton(take: Take): HTMLElement {
  const choose = async () => new FolderStore(await (globalThis as any).showDirectoryPicker({ mode: "read" }));
  return h(
    "button",
    { type: "button", class: "primary", click: () => take(choose) },
    "Choose folder…",
  );
}

/** For browsers without handles of folders. */
function filesInput(take: Take): HTMLElement[] {
  const input = h("input", { type: "file", id: "folder", webkitdirectory: true, class: "unseen" });
  input.addEventListener("change", () => take(() => Promise.resolve(new FilesStore(input.files ?? []))));
  return [h("label", { for: "folder", class: "button primary" }, "Choose folder…"), input];
}

async function check(store: ObjectStore): Promise<void> {
  if ((await store.folders!("hosts/")).length > 0) return;
  throw new UsageError(
    "This folder is no store: it has no folder called hosts with something in it",
  );
}
