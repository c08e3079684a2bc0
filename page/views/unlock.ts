import { HeaderOpener } from "../../src/seal/age.ts";
import type { ObjectStore } from "../../src/store/store.ts";
import { fill, h } from "../dom.ts";
import { identitiesOf, isLocked } from "../identity.ts";
import { type Session, unlock } from "../session.ts";
import { messageOf } from "../text.ts";

const KEY_BYTES_MAX = 1024 * 1024;

/** Asks for the key until it opens the store. */
export function unlockView(
  root: Element,
  store: ObjectStore,
): Promise<Session> {
  return new Promise((resolve) => {
    let file: Uint8Array | undefined;
    const status = h("p", { role: "alert", class: "problem" });
    const key = h("textarea", {
      id: "key",
      rows: 3,
      spellcheck: "false",
      autocomplete: "off",
      placeholder: "AGE-SECRET-KEY-1…",
    });
    const picked = h("input", { type: "file", id: "key-file" });
    const passphrase = h("input", {
      type: "password",
      id: "passphrase",
      autocomplete: "off",
    });
    const protection = h(
      "label",
      { for: "passphrase", class: "field", hidden: true },
      h("span", {}, "Passphrase of the key"),
      passphrase,
    );
    const button = h("button", { class: "primary" }, "Unlock");
    const given = () => file ?? new TextEncoder().encode(key.value);
    const look = () => protection.hidden = !isLocked(given());
    key.addEventListener("input", () => {
      file = undefined;
      picked.value = "";
      look();
    });
    picked.addEventListener("change", async () => {
      const [chosen] = picked.files ?? [];
      file = chosen === undefined
        ? undefined
        : new Uint8Array(await chosen.slice(0, KEY_BYTES_MAX).arrayBuffer());
      look();
      if (!protection.hidden) passphrase.focus();
    });
    const submit = async (event: Event) => {
      event.preventDefault();
      button.disabled = true;
      fill(status, []);
      fill(button, ["Opening…"]);
      try {
        const opener = new HeaderOpener(
          await identitiesOf(given(), passphrase.value),
        );
        const session = await unlock(store, opener);
        key.value = passphrase.value = "";
        resolve(session);
      } catch (error) {
        fill(status, [messageOf(error)]);
      } finally {
        button.disabled = false;
        fill(button, ["Unlock"]);
      }
    };
    fill(root, [
      h(
        "main",
        { class: "narrow" },
        h("h1", {}, "Unlock"),
        h(
          "p",
          {},
          "Backups in ",
          h("strong", {}, store.location),
          " are opened by their private key. It stays in this page.",
        ),
        h(
          "form",
          { submit },
          h(
            "label",
            { for: "key", class: "field" },
            h("span", {}, "Private key (identity)"),
            key,
          ),
          h(
            "label",
            { for: "key-file", class: "field" },
            h("span", {}, "or the file that has it"),
            picked,
          ),
          protection,
          button,
        ),
        status,
      ),
    ]);
    key.focus();
  });
}
