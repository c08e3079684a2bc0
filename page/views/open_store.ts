import { UsageError } from "../../src/base/errors.ts";
import type { ObjectStore } from "../../src/store/store.ts";
import { confineTo } from "../confine.ts";
import { fill, h } from "../dom.ts";
import { HttpStore } from "../stores/http.ts";
import { messageOf } from "../text.ts";
import { field, type Fields, form } from "./form.ts";
import { folderFields } from "./open_folder.ts";
import { s3Fields } from "./open_s3.ts";

type Way = "folder" | "address" | "s3";

const WAYS: readonly [way: Way, label: string, hint: string][] = [
  ["folder", "A folder", "a disk, a network share, a copy of the bucket"],
  ["address", "A web address", "a server that shows its folders"],
  ["s3", "An S3 bucket", "with an access key that may read"],
];

/** Asks where the backups are. From then on the page reaches nothing else. */
export function openStoreView(root: Element): Promise<ObjectStore> {
  return new Promise((resolve) => {
    const isServed = location.protocol !== "file:";
    let way: Way = isServed ? "address" : "folder";
    const fields = h("div", { class: "fields" });
    const status = h("p", { role: "alert", class: "problem" });
    const show = () => {
      fill(status, []);
      fill(
        fields,
        FIELDS[way](
          (store) => resolve(store),
          (error) => fill(status, [messageOf(error)]),
        ),
      );
    };
    const choose = (chosen: Way) => {
      way = chosen;
      show();
    };
    fill(root, [question(way, choose, fields, status)]);
    show();
  });
}

function question(
  way: Way,
  choose: (way: Way) => void,
  fields: HTMLElement,
  status: HTMLElement,
): HTMLElement {
  return h(
    "main",
    { class: "narrow" },
    h("h1", {}, "Recover files"),
    h(
      "p",
      {},
      "This page opens Vaultik backups. All of it happens in this browser: the key goes nowhere.",
    ),
    h(
      "fieldset",
      { class: "ways" },
      h("legend", {}, "Where are the backups?"),
      ...WAYS.map(([value, label, hint]) => wayField(value, label, hint, value === way, choose)),
    ),
    fields,
    status,
  );
}

function wayField(
  value: Way,
  label: string,
  hint: string,
  checked: boolean,
  choose: (way: Way) => void,
) {
  const input = h("input", {
    type: "radio",
    name: "way",
    value,
    checked,
    change: () => choose(value),
  });
  return h(
    "label",
    { class: "way" },
    input,
    h("span", {}, label, h("small", {}, hint)),
  );
}

const FIELDS: Readonly<Record<Way, Fields>> = {
  folder: folderFields,
  address: addressFields,
  s3: s3Fields,
};

function addressFields(
  done: (store: ObjectStore) => void,
  failed: (error: unknown) => void,
): HTMLElement[] {
  const here = location.protocol === "file:" ? "" : new URL(".", location.href).href;
  const input = h("input", {
    type: "url",
    id: "address",
    required: true,
    value: here,
    placeholder: "https://backup.example.com/web1/",
  });
  return [
    form(
      "Open",
      [field("Address of the folder that has hosts in it", input)],
      () => {
        const url = URL.parse(input.value.trim().replace(/\/*$/, "/"));
        if (url === null || !/^https?:$/.test(url.protocol)) {
          throw new UsageError(
            "That is no web address: it begins with https://",
          );
        }
        confineTo(url.origin);
        done(new HttpStore(url.href));
      },
      failed,
    ),
  ];
}
