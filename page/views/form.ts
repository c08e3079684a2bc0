import type { ObjectStore } from "../../src/store/store.ts";
import { h } from "../dom.ts";

/** What asks for a store: `done` is given it, `failed` what went wrong. */
export type Fields = (
  done: (store: ObjectStore) => void,
  failed: (error: unknown) => void,
) => HTMLElement[];

/** An input with its label. */
export function field(label: string, input: HTMLInputElement): HTMLElement {
  return h(
    "label",
    { for: input.id, class: "field" },
    h("span", {}, label),
    input,
  );
}

/** A form; what `send` throws goes to `failed`. */
export function form(
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
