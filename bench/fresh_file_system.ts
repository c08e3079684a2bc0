import { join } from "node:path";
import { atLeast } from "../src/base/at_least.ts";

const IMAGE_BYTES = 64 * 1024 ** 3;
const PIECE_BYTES = 16 * 1024 ** 2;

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

  /**
   * It is mounted below `directory`. Needs root. One in memory has had so many `bytes` in it before: a virtual machine gets memory from its
   * host when it is first used, and again when it was free for a while, which takes longer than to write to it.
   */
  static async mount(kind: FileSystem, directory: string, bytes: number): Promise<FreshFileSystem> {
    const path = join(directory, `fresh-${crypto.randomUUID()}`);
    await Deno.mkdir(path, { recursive: true });
    if (kind === "tmpfs") {
      await run(["mount", "-t", "tmpfs", "-o", "size=90%,nr_inodes=0,mode=755", "tmpfs", path]);
      await useMemory(join(path, "used"), bytes);
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

/** Of all that is in `tree`, in whole blocks. */
export async function bytesOnDisk(tree: string): Promise<number> {
  return parseInt(await run(["du", "--summarize", "--block-size=1", tree]));
}

async function useMemory(path: string, bytes: number): Promise<void> {
  const zeros = new Uint8Array(PIECE_BYTES);
  for (let done = 0; done < bytes; done += zeros.length) await Deno.writeFile(path, zeros, { append: true });
  await Deno.remove(path);
}

/** What it prints. */
async function run(command: readonly string[]): Promise<string> {
  const [program, ...args] = atLeast(1, command);
  const { success, stdout, stderr } = await new Deno.Command(program, { args }).output();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
