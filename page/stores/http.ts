import { isName } from "../../src/store/names.ts";
import type { CallOptions, ObjectInfo } from "../../src/store/store.ts";
import { ask, bytesOf, failureOf } from "./read_only.ts";
import { WebStore } from "./web_store.ts";

/** What a server shows of a folder at most: it decides nothing about our memory. */
const INDEX_BYTES_MAX = 64 * 1024 * 1024;

/** A store at a web address, whose server shows what is in a folder as a page of links. */
export class HttpStore extends WebStore {
  readonly location: string;
  readonly #base: string;

  /** `base` ends with `/`. */
  constructor(base: string) {
    super();
    this.#base = base;
    this.location = base.replace(/\/$/, "");
  }

  async *list(
    prefix: string,
    options: CallOptions = {},
  ): AsyncGenerator<ObjectInfo> {
    const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    for (const entry of await this.#index(folder, options)) {
      const path = folder + entry;
      if (entry.endsWith("/")) {
        if (path.startsWith(prefix) || prefix.startsWith(path)) {
          yield* this.list(path, options);
        }
      } else if (path.startsWith(prefix)) {
        // What it would cost a request to know, no one asks here.
        yield { name: path, size: -1, modified: new Date(0) };
      }
    }
  }

  async folders(prefix: string, options?: CallOptions): Promise<string[]> {
    const entries = await this.#index(prefix, options ?? {});
    return entries.filter((entry) => entry.endsWith("/")).map((entry) => entry.slice(0, -1));
  }

  /** What is in a folder; folders end with `/`. */
  async #index(folder: string, { signal }: CallOptions): Promise<string[]> {
    const answer = await this.request(folder, { signal });
    if (answer.status === 404) return [];
    if (!answer.ok) throw failureOf(`list "${folder}"`, answer);
    const bytes = await bytesOf(folder, answer, { maxBytes: INDEX_BYTES_MAX });
    return linksIn(
      new TextDecoder().decode(bytes),
      answer.url || this.#base + folder,
    );
  }

  protected request(name: string, init: RequestInit): Promise<Response> {
    const url = this.#base + name;
    return ask(
      `read "${name}"`,
      () => fetch(url, { ...init, cache: "no-store", credentials: "same-origin" }),
    );
  }
}

/** Names directly below `folder` that the page `html` links to. */
export function linksIn(html: string, folder: string): string[] {
  const page = new DOMParser().parseFromString(html, "text/html");
  const names = new Set<string>();
  for (const link of page.querySelectorAll("a[href]")) {
    const url = URL.parse(link.getAttribute("href")!, folder);
    if (url === null) continue;
    url.search = url.hash = "";
    if (!url.href.startsWith(folder)) continue;
    const name = decodeURI(url.href.slice(folder.length));
    if (isName(name.replace(/\/$/, "")) && !name.slice(0, -1).includes("/")) {
      names.add(name);
    }
  }
  return [...names].sort();
}
