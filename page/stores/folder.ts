import { atLeast } from "../../src/base/at_least.ts";
import { NotFoundError } from "../../src/base/errors.ts";
import type { GetOptions, ObjectInfo } from "../../src/store/store.ts";
import { checkSize, ReadOnlyStore } from "./read_only.ts";

/** A folder that the user picked, of which the browser reads what is asked for. */
export class FolderStore extends ReadOnlyStore {
  readonly location: string;
  readonly #root: FileSystemDirectoryHandle;
  readonly #folders = new Map<string, Promise<FileSystemDirectoryHandle>>();

  constructor(root: FileSystemDirectoryHandle) {
    super();
    this.#root = root;
    this.location = root.name;
  }

  async get(name: string, options: GetOptions = {}): Promise<Uint8Array> {
    return await readFile(name, await this.#file(name), options);
  }

  async size(name: string): Promise<number | undefined> {
    try {
      return (await this.#file(name)).size;
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    for (const [name, handle] of await this.#entries(folder)) {
      const path = folder + name;
      if (handle.kind === "directory") {
        if (`${path}/`.startsWith(prefix) || prefix.startsWith(`${path}/`)) {
          yield* this.list(`${path}/`);
        }
      } else if (path.startsWith(prefix)) {
        const { size, lastModified } = await (handle as FileSystemFileHandle)
          .getFile();
        yield { name: path, size, modified: new Date(lastModified) };
      }
    }
  }

  async folders(prefix: string): Promise<string[]> {
    return (await this.#entries(prefix)).filter(([, { kind }]) => kind === "directory").map(([name]) => name);
  }

  async #entries(folder: string): Promise<[string, FileSystemHandle][]> {
    try {
      const entries = await Array.fromAsync(
        (await this.#folder(folder)).entries(),
      );
      return entries.sort(([a], [b]) => (a < b ? -1 : 1));
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  }

  async #file(name: string): Promise<File> {
    const slash = name.lastIndexOf("/") + 1;
    try {
      const folder = await this.#folder(name.slice(0, slash));
      return await (await folder.getFileHandle(name.slice(slash))).getFile();
    } catch (cause) {
      if (isMissing(cause)) {
        throw new NotFoundError(`Cannot read "${name}": not there`, { cause });
      }
      throw cause;
    }
  }

  /** `path` is empty or ends with `/`. */
  #folder(path: string): Promise<FileSystemDirectoryHandle> {
    if (path === "") return Promise.resolve(this.#root);
    let folder = this.#folders.get(path);
    if (folder === undefined) {
      const above = path.lastIndexOf("/", path.length - 2) + 1;
      folder = this.#folder(path.slice(0, above)).then((parent) =>
        parent.getDirectoryHandle(path.slice(above, -1))
      );
      this.#folders.set(path, folder);
      folder.catch(() => this.#folders.delete(path));
    }
    return folder;
  }
}

/** A folder as browsers without folder handles give it: all its files by name. */
export class FilesStore extends ReadOnlyStore {
  readonly location: string;
  readonly #files = new Map<string, File>();

  /** `files` have their path in the picked folder, whose name comes first. */
  constructor(files: Iterable<File>) {
    super();
    let location = "folder";
    for (const file of files) {
      const [top, ...names] = atLeast(1, file.webkitRelativePath.split("/"));
      location = top;
      this.#files.set(names.join("/"), file);
    }
    this.location = location;
  }

  async get(name: string, options: GetOptions = {}): Promise<Uint8Array> {
    const file = this.#files.get(name);
    if (file === undefined) {
      throw new NotFoundError(`Cannot read "${name}": not there`);
    }
    return await readFile(name, file, options);
  }

  size(name: string): Promise<number | undefined> {
    return Promise.resolve(this.#files.get(name)?.size);
  }

  async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    const names = [...this.#files.keys()].filter((name) => name.startsWith(prefix)).sort();
    for (const name of names) {
      const { size, lastModified } = this.#files.get(name)!;
      yield { name, size, modified: new Date(lastModified) };
    }
  }

  folders(prefix: string): Promise<string[]> {
    const folders = new Set<string>();
    for (const name of this.#files.keys()) {
      const end = name.startsWith(prefix) ? name.indexOf("/", prefix.length) : -1;
      if (end >= 0) folders.add(name.slice(prefix.length, end));
    }
    return Promise.resolve([...folders].sort());
  }
}

async function readFile(
  name: string,
  file: File,
  options: GetOptions,
): Promise<Uint8Array> {
  checkSize(name, file.size, options);
  const { offset, length } = options.range ?? { offset: 0, length: file.size };
  return new Uint8Array(
    await file.slice(offset, offset + length).arrayBuffer(),
  );
}

function isMissing(error: unknown): boolean {
  return error instanceof DOMException &&
    (error.name === "NotFoundError" || error.name === "TypeMismatchError");
}
