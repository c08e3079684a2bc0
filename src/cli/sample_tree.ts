import { join } from "node:path/posix";

// A small tree with one of each: what a self-test backs up.

/** More than a chunk, so that the file is cut. */
const LARGE_BYTES = 5 << 20;
const HOLE_BYTES = 1 << 20;

/** Makes the tree at `root`, which is not there yet. */
export async function makeSampleTree(root: string): Promise<void> {
  const at = (name: string) => join(root, name);
  await Deno.mkdir(at("empty directory"), { recursive: true });
  await Deno.mkdir(at("private"), { mode: 0o700 });
  await Deno.writeTextFile(at("hello.txt"), "Hello\n");
  await Deno.writeTextFile(at("empty"), "");
  await Deno.writeTextFile(at("naïve ☃ name\nof two lines"), "A name may be anything\n");
  await Deno.writeFile(at("large"), incompressible(LARGE_BYTES));
  await Deno.writeTextFile(at("zeros"), "\0".repeat(1 << 20));
  await Deno.writeTextFile(at("private/secret"), "mode 0600\n", { mode: 0o600 });
  await Deno.writeTextFile(at("private/script"), "#!/bin/sh\n", { mode: 0o755 });
  await Deno.link(at("hello.txt"), at("private/the same file"));
  await Deno.symlink("hello.txt", at("link"));
  await Deno.symlink("/nowhere/at all", at("broken link"));
  await makeSparse(at("sparse"));
  await Deno.utime(at("hello.txt"), 1, 1);
}

/** What a day of work does: a file added, one grown, one removed, one moved. */
export async function changeSampleTree(root: string): Promise<void> {
  const at = (name: string) => join(root, name);
  await Deno.writeTextFile(at("private/added"), "new\n".repeat(1000));
  await Deno.writeTextFile(at("large"), "one more line\n", { append: true });
  await Deno.remove(at("empty"));
  await Deno.rename(at("zeros"), at("private/moved"));
}

/** Always the same bytes, by a linear congruential generator: enough for a compressor to find nothing. */
function incompressible(length: number): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(length / 4);
  let state = 1;
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    words[i] = state ^ (state >>> 16);
  }
  return new Uint8Array(words.buffer);
}

async function makeSparse(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  await file.write(new TextEncoder().encode("before the hole\n"));
  await file.seek(HOLE_BYTES, Deno.SeekMode.Start);
  await file.write(new TextEncoder().encode("after the hole\n"));
}
