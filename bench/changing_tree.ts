import { join } from "node:path";

const FILES_PER_DIRECTORY = 50;
const DIRECTORIES_TOGETHER = 200;

/** A tree of small files, 50 in a directory, of which some can be changed. */
export class ChangingTree {
  readonly root: string;
  readonly #directories: number;
  #changes = 0;

  constructor(root: string, files: number) {
    this.root = root;
    this.#directories = Math.ceil(files / FILES_PER_DIRECTORY);
  }

  make(): void {
    for (let number = 0; number < this.#directories; number++) {
      const directory = this.#directory(number);
      Deno.mkdirSync(directory, { recursive: true });
      for (let file = 0; file < FILES_PER_DIRECTORY; file++) {
        Deno.writeTextFileSync(join(directory, `file-${file}.txt`), `file ${file} of directory ${number}\n`);
      }
    }
  }

  /** Changes `files` files, each in another directory, spread over the tree and not where the last ones were. Gives the directories. */
  change(files: number): string[] {
    const step = Math.max(1, Math.floor(this.#directories / files));
    const shift = this.#changes++ % step;
    return Array.from({ length: Math.min(files, this.#directories) }, (_, i) => {
      const directory = this.#directory((i * step + shift) % this.#directories);
      Deno.writeTextFileSync(join(directory, `file-${i % FILES_PER_DIRECTORY}.txt`), crypto.randomUUID());
      return directory;
    });
  }

  /** The kernel has all its directories and inodes in memory then. */
  async look(): Promise<void> {
    await new Deno.Command("find", { args: [this.root, "-newermt", "2100-01-01"] }).output();
  }

  #directory(number: number): string {
    const names = [Math.floor(number / DIRECTORIES_TOGETHER), number % DIRECTORIES_TOGETHER];
    return join(this.root, ...names.map((name) => String(name).padStart(3, "0")));
  }
}
