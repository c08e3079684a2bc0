import { UsageError } from "../../src/base/errors.ts";
import type { ObjectStore } from "../../src/store/store.ts";
import { confineTo } from "../confine.ts";
import { fill, h } from "../dom.ts";
import { FilesStore, FolderStore } from "../stores/folder.ts";
import { HttpStore } from "../stores/http.ts";
import { S3Store } from "../stores/s3.ts";
import { messageOf } from "../text.ts";

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
    fill(root, [
      h(
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
      ),
    ]);
    show();
  });
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

type Fields = (
  done: (store: ObjectStore) => void,
  failed: (error: unknown) => void,
) => HTMLElement[];

const FIELDS: Readonly<Record<Way, Fields>> = {
  folder: folderFields,
  address: addressFields,
  s3: s3Fields,
};

function folderFields(
  done: (store: ObjectStore) => void,
  failed: (error: unknown) => void,
): HTMLElement[] {
  const hint = h(
    "p",
    { class: "hint" },
    "The folder that has ",
    h("code", {}, "hosts"),
    " and ",
    h("code", {}, "README.txt"),
    " in it. The browser only reads it.",
  );
  if ("showDirectoryPicker" in globalThis) {
    const pick = async () => {
      try {
        const store = new FolderStore(
          await (globalThis as any).showDirectoryPicker({ mode: "read" }),
        );
        await check(store);
        confineTo(undefined);
        done(store);
      } catch (error) {
        if ((error as Error).name !== "AbortError") failed(error);
      }
    };
    return [
      h(
        "button",
        { type: "button", class: "primary", click: pick },
        "Choose folder…",
      ),
      hint,
    ];
  }
  const input = h("input", {
    type: "file",
    id: "folder",
    webkitdirectory: true,
    class: "unseen",
  });
  input.addEventListener("change", async () => {
    try {
      const store = new FilesStore(input.files ?? []);
      await check(store);
      confineTo(undefined);
      done(store);
    } catch (error) {
      failed(error);
    }
  });
  return [
    h("label", { for: "folder", class: "button primary" }, "Choose folder…"),
    input,
    hint,
  ];
}

async function check(store: ObjectStore): Promise<void> {
  if ((await store.folders!("hosts/")).length > 0) return;
  throw new UsageError(
    "This folder is no store: it has no folder called hosts with something in it",
  );
}

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

function s3Fields(
  done: (store: ObjectStore) => void,
  failed: (error: unknown) => void,
): HTMLElement[] {
  const text = (id: string, more: Record<string, string | boolean> = {}) =>
    h("input", {
      id,
      spellcheck: "false",
      autocomplete: "off",
      required: true,
      ...more,
    });
  const endpoint = text("endpoint", {
    type: "url",
    placeholder: "https://s3.eu-central-1.amazonaws.com",
  });
  const bucket = text("bucket", { placeholder: "backup" });
  const prefix = text("prefix", { placeholder: "web1", required: false });
  const region = text("region", { value: "us-east-1" });
  const accessKeyId = text("access-key");
  const secretAccessKey = text("secret-key", { type: "password" });
  return [form("Open", [
    field("Endpoint", endpoint),
    field("Bucket", bucket),
    field("Folder in the bucket, if any", prefix),
    field("Region", region),
    field("Access key", accessKeyId),
    field("Secret access key", secretAccessKey),
    h(
      "p",
      { class: "hint" },
      "The bucket must let this page read it: a CORS rule that allows GET and HEAD, and the header ",
      h("code", {}, "range"),
      ".",
    ),
  ], () => {
    const url = URL.parse(endpoint.value.trim());
    if (url === null || !/^https?:$/.test(url.protocol)) {
      throw new UsageError(
        "The endpoint is no web address: it begins with https://",
      );
    }
    confineTo(url.origin);
    const folder = prefix.value.trim().replace(/^\/+|\/+$/g, "");
    done(
      new S3Store({
        endpoint: url.origin,
        bucket: bucket.value.trim(),
        prefix: folder === "" ? "" : `${folder}/`,
        region: region.value.trim(),
        accessKeyId: accessKeyId.value.trim(),
        secretAccessKey: secretAccessKey.value.trim(),
      }),
    );
  }, failed)];
}

function field(label: string, input: HTMLInputElement): HTMLElement {
  return h(
    "label",
    { for: input.id, class: "field" },
    h("span", {}, label),
    input,
  );
}

function form(
  submit: string,
  fields: readonly HTMLElement[],
  send: () => void,
  failed: (error: unknown) => void,
): HTMLFormElement {
  const onSubmit = (event: Event) => {
    event.preventDefault();
    try {
      send();
    } catch (error) {
      failed(error);
    }
  };
  return h(
    "form",
    { submit: onSubmit },
    ...fields,
    h("button", { class: "primary" }, submit),
  );
}
