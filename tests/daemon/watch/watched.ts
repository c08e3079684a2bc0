import { DirtySet } from "../../../src/daemon/dirty_set.ts";
import { type InotifyParts, InotifyWatcher } from "../../../src/daemon/watch/inotify_watcher.ts";
import type { Area, Watcher } from "../../../src/daemon/watch/watcher.ts";
import { isWithin, type Path, pathOf, textOf } from "../../../src/model/path.ts";
import { compileExcludes } from "../../../src/scan/exclude.ts";

export interface AreaSettings {
  readonly name?: string;
  readonly roots: readonly string[];
  readonly exclude?: readonly string[];
  readonly oneFileSystem?: boolean;
  readonly excludeCaches?: boolean;
}

export function area(settings: AreaSettings): Area {
  return {
    name: settings.name ?? "main",
    roots: settings.roots.map(pathOf),
    isExcluded: compileExcludes(settings.exclude ?? []),
    oneFileSystem: settings.oneFileSystem ?? false,
    excludeCaches: settings.excludeCaches ?? false,
  };
}

export interface Dirty {
  /** Paths relative to the directory of the test. */
  readonly directories: string[];
  readonly subtrees: string[];
  /** Reasons for a run. */
  readonly count: number;
}

/** A directory of its own, watched. */
export class Watched implements AsyncDisposable {
  readonly directory: string;
  readonly warnings: string[] = [];
  readonly #changes = new Map<string, DirtySet>();
  #watcher: Watcher | undefined;

  constructor() {
    this.directory = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "vaultik-watch-" }));
  }

  path(name: string): string {
    return name === "" ? this.directory : `${this.directory}/${name}`;
  }

  make(...names: string[]): this {
    for (const name of names) Deno.mkdirSync(this.path(name), { recursive: true });
    return this;
  }

  write(name: string, text = name): void {
    Deno.writeTextFileSync(this.path(name), text);
  }

  async watch(
    areas: readonly Area[],
    parts?: InotifyParts,
    open: typeof InotifyWatcher.open = InotifyWatcher.open,
  ): Promise<Watcher> {
    for (const { name, roots } of areas) this.#changes.set(name, new DirtySet(roots));
    this.#watcher = await open({
      areas,
      quietNames: [".git", "node_modules"],
      sink: {
        directory: ({ name }, path, isQuiet) => this.#changes.get(name)!.addDirectory(path, { isQuiet }),
        subtree: ({ name }, path, isQuiet) => this.#changes.get(name)!.addSubtree(path, { isQuiet }),
        warning: (text) => void this.warnings.push(text),
      },
    }, parts);
    return this.#watcher;
  }

  /** What is dirty since the last time, with all that was done before. */
  async dirty(name = "main"): Promise<Dirty> {
    await this.#watcher!.catchUp();
    const { directories, subtrees, count } = this.#changes.get(name)!.take();
    const relative = (paths: readonly Path[]) =>
      paths.map((path) => path === this.directory ? "" : textOf(path)!.slice(this.directory.length + 1))
        .sort();
    return { directories: relative(directories), subtrees: relative(subtrees), count };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watcher?.[Symbol.asyncDispose]();
    await Deno.remove(this.directory, { recursive: true });
  }
}

/** Whether a run that looks at `dirty` sees a change of the entry at `path`. */
export function sees(dirty: Dirty, path: string): boolean {
  const parent = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
  if (dirty.directories.includes(parent) || dirty.directories.includes(path)) return true;
  return dirty.subtrees.some((subtree) => isWithin(`/${path}`, `/${subtree}`));
}
