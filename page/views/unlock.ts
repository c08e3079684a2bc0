import { HeaderOpener } from "../../src/seal/age.ts";
import type { ObjectStore } from "../../src/store/store.ts";
import { type Child, fill, h } from "../dom.ts";
import { identitiesOf, isLocked } from "../identity.ts";
import { type Session, unlock } from "../session.ts";
import { messageOf } from "../text.ts";

const KEY_BYTES_MAX = 1024 * 1024;

/** Asks for the key until it opens the store. */
export function unlockView(root: Element, store: ObjectStore): Promise<Session> {
  return new Promise((resolve) => {
    const key = new KeyFields();
    const button = h("button", { class: "primary" }, "Unlock");
    const status = h("p", { role: "alert", class: "problem" });
    const submit = async (event: Event) => {
      event.preventDefault();
      button.disabled = true;
      fill(status, []);
      fill(button, ["Opening…"]);
      try {
        const session = await unlock(store, await key.opener());
        key.clear();
        resolve(session);
      } catch (error) {
        fill(status, [messageOf(error)]);
      } finally {
        button.disabled = false;
        fill(button, ["Unlock"]);
      }
    };
    const form = h("form", { submit }, ...key.elements, button);
    fill(root, [h("main", { class: "narrow" }, h("h1", {}, "Unlock"), introduction(store), form, status)]);
    key.focus();
  });
}

function introduction({ location }: ObjectStore): HTMLElement {
  const place = h("strong", {}, location);
  return h("p", {}, "Backups in ", place, " are opened by their private key. It stays in this page.");
}

/** A key that is typed or is in a file, and the passphrase of one that is protected by it. */
class KeyFields {
  #file: Uint8Array | undefined;
  readonly #key = h("textarea", {
    id: "key",
    rows: 3,
    spellcheck: "false",
    autocomplete: "off",
    placeholder: "AGE-SECRET-KEY-1…",
    input: () => {
      this.#file = undefined;
      this.#picked.value = "";
      this.#look();
    },
  });
  readonly #picked = h("input", { type: "file", id: "key-file", change: () => this.#pick() });
  readonly #passphrase = h("input", { type: "password", id: "passphrase", autocomplete: "off" });
  readonly #protection = h(
    "label",
    { for: "passphrase", class: "field", hidden: true },
    h("span", {}, "Passphrase of the key"),
    this.#passphrase,
  );

  get elements(): Child[] {
    return [
      h("label", { for: "key", class: "field" }, h("span", {}, "Private key (identity)"), this.#key),
      h("label", { for: "key-file", class: "field" }, h("span", {}, "or the file that has it"), this.#picked),
      this.#protection,
    ];
  }

  async opener(): Promise<HeaderOpener> {
    return new HeaderOpener(await identitiesOf(this.#given(), this.#passphrase.value));
  }

  clear(): void {
    this.#key.value = this.#passphrase.value = "";
  }

  focus(): void {
    this.#key.focus();
  }

  async #pick(): Promise<void> {
    const [chosen] = this.#picked.files ?? [];
    this.#file = chosen === undefined
      ? undefined
      : new Uint8Array(await chosen.slice(0, KEY_BYTES_MAX).arrayBuffer());
    this.#look();
    if (!this.#protection.hidden) this.#passphrase.focus();
  }

  #given(): Uint8Array {
    return this.#file ?? new TextEncoder().encode(this.#key.value);
  }

  #look(): void {
    this.#protection.hidden = !isLocked(this.#given());
  }
}
