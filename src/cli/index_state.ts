import { formatSize } from "../base/units.ts";

export interface IndexState {
  readonly path: string;
  /** `undefined` before the first backup. */
  readonly bytes: number | undefined;
  readonly modified: string | undefined;
  readonly state: string;
}

/** Looks at the file of the index, without opening it. */
export async function indexState(path: string): Promise<IndexState> {
  try {
    const { size, mtime } = await Deno.stat(path);
    const modified = mtime?.toISOString();
    return { path, bytes: size, modified, state: `${formatSize(size)}, last written ${modified}` };
  } catch (error) {
    const state = error instanceof Deno.errors.NotFound
      ? "not there yet: the next backup reads everything"
      : "not readable";
    return { path, bytes: undefined, modified: undefined, state };
  }
}
