import { join } from "node:path";
import { atLeast } from "../src/base/at_least.ts";

const IMAGE_BYTES = 64 * 1024 ** 3;

export const FILE_SYSTEMS = ["tmpfs", "ext4"] as const;
export type FileSystem = typeof FILE_SYSTEMS[number];

/**
 * A file system made for one restore. On one where something was deleted a moment before, ext4 looks at each inode of that for every new
 * file, so that whoever comes second pays several times over.
 */
export class FreshFileSystem implements AsyncDisposable {
  /** Where it is mounted. */
  readonly path: string;
  readonly #image: string | undefined;

  /** Needs root: it is mounted below `directory`. */
  static async mount(kind: FileSystem, directory: string): Promise<FreshFileSystem> {
    const path = join(directory, `fresh-${crypto.randomUUID()}`);
    await Deno.mkdir(path, { recursive: true });
    if (kind === "tmpfs") {
      await run(["mount", "-t", "tmpfs", "-o", "size=90%,nr_inodes=0,mode=755", "tmpfs", path]);
      return new FreshFileSystem(path, undefined);
    }
    const image = `${path}.image`;
    await Deno.writeFile(image, new Uint8Array(0));
    await Deno.truncate(image, IMAGE_BYTES);
    await run(["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,nodiscard", "-N", "4000000", image]);
    await run(["mount", "-o", "loop", image, path]);
    return new FreshFileSystem(path, image);
  }

  private constructor(path: string, image: string | undefined) {
    this.path = path;
    this.#image = image;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run(["umount", this.path]);
    await Deno.remove(this.path);
    if (this.#image !== undefined) await Deno.remove(this.#image);
  }
}

async function run(command: readonly string[]): Promise<void> {
  const [program, ...args] = atLeast(1, command);
  const { success, stderr } = await new Deno.Command(program, { args, stdout: "null" }).output();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}
