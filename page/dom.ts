/** What a node may have in it. */
export type Child = Node | string | undefined | false | null;

type Handler = (event: any) => unknown;
/** Attributes; functions listen to the event of that name. */
export type Attributes = Readonly<
  Record<string, string | number | boolean | undefined | Handler>
>;

/** A new element. Text is text, whatever is in it: nothing here reads HTML. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  set(element, attributes);
  fill(element, children);
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** The same for drawings. */
export function svg(
  tag: string,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElement {
  const element = document.createElementNS(SVG, tag);
  set(element, attributes);
  fill(element, children);
  return element;
}

function set(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
}

/** Puts `children` in the place of what is in `element`. */
export function fill(element: Element, children: readonly Child[]): void {
  const isShown = (child: Child): child is Node | string =>
    child instanceof Node || typeof child === "string";
  element.replaceChildren(...children.filter(isShown));
}

/** A file that was saved, or a part of a page, keeps no more memory than that of what is shown. */
export function objectUrl(bytes: Blob, signal: AbortSignal): string {
  const url = URL.createObjectURL(bytes);
  signal.addEventListener("abort", () => URL.revokeObjectURL(url));
  return url;
}
