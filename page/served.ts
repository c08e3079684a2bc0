import { CorruptionError } from "../src/base/errors.ts";
import { HeaderOpener } from "../src/seal/age.ts";
import type { RestoreStep } from "../src/operations/page/page_server.ts";
import type { CallOptions, ObjectInfo } from "../src/store/store.ts";
import { ask, failureOf } from "./stores/read_only.ts";
import { WebStore } from "./stores/web_store.ts";

// The page as `vaultik browse` serves it: the program has the store and the identity, and restores to its disk.

/** What the server says of itself. */
export interface Served {
  readonly location: string;
}

/** `undefined` where this page does not come from `vaultik browse`. */
export async function findServer(): Promise<Served | undefined> {
  if (location.protocol !== "http:" || location.hostname !== "127.0.0.1") {
    return undefined;
  }
  try {
    const answer = await fetch("served");
    return answer.ok ? await answer.json() : undefined;
  } catch {
    return undefined;
  }
}

export class ServedStore extends WebStore {
  readonly location: string;

  constructor({ location }: Served) {
    super();
    this.location = location;
  }

  async *list(
    prefix: string,
    { signal }: CallOptions = {},
  ): AsyncGenerator<ObjectInfo> {
    const listed = await this.#json(
      `list?prefix=${encodeURIComponent(prefix)}`,
      signal,
    );
    for (const { name, size, modified } of listed) {
      yield { name, size, modified: new Date(modified) };
    }
  }

  async folders(
    prefix: string,
    { signal }: CallOptions = {},
  ): Promise<string[]> {
    return await this.#json(
      `folders?prefix=${encodeURIComponent(prefix)}`,
      signal,
    );
  }

  protected request(name: string, init: RequestInit): Promise<Response> {
    return ask(`read "${name}"`, () => fetch(`store/${name}`, init));
  }

  async #json(path: string, signal?: AbortSignal): Promise<any> {
    const answer = await ask("list the store", () => fetch(path, { signal }));
    if (!answer.ok) throw failureOf("list the store", answer);
    return await answer.json();
  }
}

/** The identity stays with the program, which opens headers. */
export class ServedOpener extends HeaderOpener {
  constructor() {
    super([]);
  }

  override async open(header: Uint8Array): Promise<Uint8Array> {
    const answer = await fetch("open", {
      method: "POST",
      body: header.slice(),
    });
    if (answer.ok) return new Uint8Array(await answer.arrayBuffer());
    throw new CorruptionError(await answer.text());
  }
}

/** What is to be restored; `path` is base64 of its bytes. */
export interface RestoreRequest {
  readonly host: string;
  readonly id: string;
  readonly path: string;
  readonly target: string;
}

/** Restores to the disk of the machine that serves the page. */
export async function* restoreThere(
  request: RestoreRequest,
  signal: AbortSignal,
): AsyncGenerator<RestoreStep> {
  const answer = await fetch("restore", {
    method: "POST",
    body: JSON.stringify(request),
    signal,
  });
  if (!answer.ok || answer.body === null) throw failureOf("restore", answer);
  let rest = "";
  for await (const text of answer.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield JSON.parse(line);
  }
}
