import { isDoneWithin } from "../../base/clock.ts";

/** Where no event of our own file has come by then, events were lost. */
const LIMIT_MS = 10_000;

/**
 * A file of our own that is changed to learn that all events before its own were delivered: the system queues them in order. Its directory
 * is to be watched together with everything else.
 */
export class EventFence implements Disposable {
  readonly directory: string;
  #count = 0;
  #passed = Promise.withResolvers<void>();

  /** In `parent`, or where temporary files are. */
  constructor(parent?: string) {
    this.directory = Deno.realPathSync(Deno.makeTempDirSync({ dir: parent, prefix: "vaultik-watch-" }));
  }

  /** Whether an event at `path` is about the fence alone. */
  owns(path: string): boolean {
    return path === this.directory || path.startsWith(`${this.directory}/`);
  }

  /** To be called for each path of an event that the fence {@link owns}. */
  take(path: string): void {
    if (path.endsWith(`/${this.#count}`)) this.#passed.resolve();
  }

  /** True when all events of changes made before the call were taken; false when they do not come, as they were lost. */
  async pass(): Promise<boolean> {
    this.#count++;
    this.#passed = Promise.withResolvers();
    try {
      const file = `${this.directory}/${this.#count}`;
      Deno.writeTextFileSync(file, "");
      const hasPassed = await isDoneWithin(LIMIT_MS, this.#passed.promise);
      Deno.removeSync(file);
      return hasPassed;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false; // Something has cleared the directory of temporary files.
      throw error;
    }
  }

  [Symbol.dispose](): void {
    try {
      Deno.removeSync(this.directory, { recursive: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
