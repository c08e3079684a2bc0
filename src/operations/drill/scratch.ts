import { EnvironmentError } from "../../base/errors.ts";

/** A directory of its own for what a drill restores; readable by its user only. Removed by `await using`. */
export class Scratch implements AsyncDisposable {
  /** Without links on the way. */
  readonly path: string;

  /** `parent`: where to make it; default: the system's directory for temporary files. Throws `EnvironmentError`. */
  constructor(parent: string | undefined) {
    try {
      this.path = Deno.realPathSync(Deno.makeTempDirSync({ dir: parent, prefix: "vaultik-drill-" }));
    } catch (cause) {
      const where = parent === undefined ? "a directory for temporary files" : `"${parent}"`;
      throw new EnvironmentError(`Cannot drill: cannot write to ${where}: ${(cause as Error).message}`, {
        cause,
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await Deno.remove(this.path, { recursive: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
      await openAll(this.path);
      await Deno.remove(this.path, { recursive: true });
    }
  }
}

/** Directories come back with their modes: in some of them their owner may not write. */
async function openAll(directory: string): Promise<void> {
  await Deno.chmod(directory, 0o700);
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    if (isDirectory) await openAll(`${directory}/${name}`);
  }
}
