import type { FileContents } from "../src/operations/browse/file_contents.ts";
import { type Member, membersWithin } from "../src/operations/browse/archive/members.ts";
import { zip } from "../src/operations/browse/archive/zip.ts";
import { type BrowsedSnapshot, contentsOf } from "../src/operations/browse/open_snapshot.ts";
import { parentOf, type Path, textOf } from "../src/model/path.ts";
import { nameOf, shown } from "./text.ts";

const READ_BYTES = 1024 * 1024;
/** Pieces are joined to parts that the browser may put on its disk. */
const PART_BYTES = 16 * 1024 * 1024;

/** Called with what was done so far: bytes, and files of an archive. */
export type OnProgress = (bytes: number, files: number) => void;

export interface SaveOptions {
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** Saves a file; `false` where the user decided otherwise. Throws where its contents cannot be read, and leaves no part of it then. */
export async function saveFile(
  contents: FileContents,
  path: Path,
  options: SaveOptions,
): Promise<boolean> {
  return await save(fileStream(contents, options), fileName(path));
}

/** What an archive does not have, by what is wrong. */
export type LeftOut = string[];

/** Saves what is at and below `path` as a zip archive, with names from `path` on. */
export async function saveFolder(
  browsed: BrowsedSnapshot,
  path: Path,
  options: SaveOptions,
): Promise<LeftOut | undefined> {
  const leftOut: LeftOut = [];
  const archive = zip(
    members(browsed, path, leftOut, options),
    ({ name, entry }) => {
      leftOut.push(`${shown(name)}: a zip archive has no ${entry.kind}`);
    },
  );
  const name = path === "/" ? "backup" : fileName(path);
  return await save(archive, `${name}.zip`) ? leftOut : undefined;
}

async function* members(
  browsed: BrowsedSnapshot,
  path: Path,
  leftOut: LeftOut,
  { signal, onProgress }: SaveOptions,
): AsyncGenerator<Member> {
  const start = parentOf(path) === "/" ? 0 : parentOf(path).length;
  let [bytes, files] = [0, 0];
  for await (const member of membersWithin(browsed, path)) {
    signal.throwIfAborted();
    if (member instanceof Error) leftOut.push(member.message);
    else {
      yield {
        ...member,
        name: member.name.slice(start),
        contents: member.contents ?? await linked(browsed, member),
      };
      bytes += member.entry.size ?? 0;
      onProgress(bytes, ++files);
    }
  }
}

/** Zip has no hard links. */
async function linked(
  browsed: BrowsedSnapshot,
  { link, entry }: Member,
): Promise<FileContents | undefined> {
  if (link === undefined) return undefined;
  return await contentsOf(browsed, entry);
}

function fileStream(
  contents: FileContents,
  { signal, onProgress }: SaveOptions,
): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      signal.throwIfAborted();
      if (at >= contents.size) return controller.close();
      for (const piece of await contents.read(at, READ_BYTES)) {
        controller.enqueue(piece);
        at += piece.length;
      }
      onProgress(at, 0);
    },
  }, { highWaterMark: 1 });
}

/** Straight to the disk where the browser can; else into its downloads when it is whole. */
async function save(
  stream: ReadableStream<Uint8Array>,
  suggestedName: string,
): Promise<boolean> {
  if ("showSaveFilePicker" in globalThis) {
    let file: FileSystemFileHandle;
    try {
      file = await (globalThis as any).showSaveFilePicker({ suggestedName });
    } catch (error) {
      if ((error as Error).name === "AbortError") return false;
      return await download(stream, suggestedName);
    }
    await stream.pipeTo(await file.createWritable());
    return true;
  }
  return await download(stream, suggestedName);
}

async function download(
  stream: ReadableStream<Uint8Array>,
  name: string,
): Promise<boolean> {
  const parts: Blob[] = [];
  let pieces: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const piece of stream) {
    pieces.push(piece as Uint8Array<ArrayBuffer>);
    bytes += piece.length;
    if (bytes < PART_BYTES) continue;
    parts.push(new Blob(pieces));
    [pieces, bytes] = [[], 0];
  }
  const url = URL.createObjectURL(
    new Blob([...parts, ...pieces], { type: "application/octet-stream" }),
  );
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), REVOKE_AFTER_MS);
  return true;
}

/** The browser has taken it by then. */
const REVOKE_AFTER_MS = 60_000;

/** What no system takes in a name, and what shows another ending than it has. */
const UNSAVABLE = /[<>:"|?*\\/\p{Cc}\p{Cf}]/gu;

function fileName(path: Path): string {
  const name = nameOf(path);
  return (textOf(name) ?? shown(name)).replace(UNSAVABLE, "_") || "file";
}
