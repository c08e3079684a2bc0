import { release } from "../../base/bytes.ts";
import { chunkOffsets } from "../../chunk/extents.ts";
import type { Entry } from "../../model/entry.ts";
import { decodePage } from "../../model/page.ts";
import type { Path } from "../../model/path.ts";
import { BlobReader, type BlobSource } from "../../read/blob_reader.ts";
import { attempt } from "./attempt.ts";
import { FileRow } from "./file_rows.ts";
import type { FileSink } from "./file_sink.ts";
import type { ContentsOutcome, ContentsRequest, Loss, SharedOutcome } from "./messages.ts";
import type { Part } from "../../read/entry_source.ts";

const decoder = new TextDecoder();

/** A file, or what one blob has of it, while its chunks come in. */
interface File {
  readonly path: Path;
  /** Absent where the file waits for other blobs, too. */
  readonly entry: Entry | undefined;
  missing: number;
  loss: Loss | undefined;
  isWritten: boolean;
}

/** A chunk and the file that it goes to. */
interface FilePart extends Part {
  readonly file: File;
}

interface Outcome {
  files: number;
  bytes: number;
  readonly shared: SharedOutcome[];
  readonly losses: Loss[];
}

/** Takes what is wanted out of a blob, each frame once, checks it, and writes it to every place that wants it. */
export class ContentsWriter {
  readonly #sink: FileSink;
  readonly #reader: BlobReader;

  constructor(source: BlobSource, sink: FileSink) {
    this.#sink = sink;
    this.#reader = new BlobReader(source, "blobs");
  }

  /** Throws `EnvironmentError` where the target cannot take more, and `UnavailableError` where the store cannot be reached. */
  async write(request: ContentsRequest): Promise<ContentsOutcome> {
    const outcome: Outcome = { files: 0, bytes: 0, shared: [], losses: [] };
    const arrived = (file: File) => {
      if (--file.missing === 0) this.#end(file, outcome);
    };
    const onDamage = (damaged: readonly (FileRow | FilePart)[], error: Error) => {
      for (const part of damaged) {
        const file = part instanceof FileRow ? part : part.file;
        const loss = { path: file.path, reason: error.message, isDamage: true };
        if (file instanceof FileRow) outcome.losses.push(loss);
        else {
          file.loss ??= loss;
          arrived(file);
        }
      }
    };
    const parts = [...this.#rowsOf(request), ...this.#partsOf(request)];
    for await (const run of this.#reader.readRuns(request.blob, parts, onDamage)) {
      for (const [part, bytes] of run) {
        if (part instanceof FileRow) this.#writeRow(part, bytes, outcome);
        else {
          const { file, at } = part;
          file.isWritten ||= file.loss === undefined;
          file.loss ??= attempt(file, () => this.#sink.write(file.path, at, bytes));
          if (file.loss === undefined) outcome.bytes += bytes.length;
          arrived(file);
        }
      }
    }
    for (const { numbers, ids } of request.rows) [numbers, ids].forEach(release);
    return outcome;
  }

  #writeRow(row: FileRow, bytes: Uint8Array, outcome: Outcome): void {
    const loss = attempt(row, () => this.#sink.writeWhole(row, bytes));
    if (loss !== undefined) return void outcome.losses.push(loss);
    outcome.files++;
    outcome.bytes += bytes.length;
  }

  #rowsOf({ rows }: ContentsRequest): FileRow[] {
    return rows.flatMap((some) => [...FileRow.all(some)]);
  }

  #partsOf({ blob, pages, patches }: ContentsRequest): FilePart[] {
    const parts: FilePart[] = [];
    for (const page of pages) {
      for (const entry of decodePage(decoder.decode(page))) this.#addParts(entry, blob, parts);
    }
    for (const patch of patches) {
      const { path, parts: { length: missing } } = patch;
      const file: File = { path, entry: undefined, missing, loss: undefined, isWritten: false };
      this.#sink.adopt(patch.path);
      for (const part of patch.parts) parts.push({ ...part, file });
    }
    return parts;
  }

  #addParts(entry: Entry, blob: string, parts: FilePart[]): void {
    const chunks = entry.chunks!;
    const isShared = chunks.some((chunk) => chunk.blob !== blob);
    if (isShared) this.#sink.adopt(entry.path);
    const { path } = entry;
    const file: File = {
      ...{ path, missing: 0, loss: undefined, isWritten: false },
      entry: isShared ? undefined : entry,
    };
    const offsetOf = chunkOffsets(entry.holes ?? []);
    for (const chunk of chunks) {
      const at = offsetOf(chunk.length);
      if (chunk.blob !== blob) continue;
      file.missing++;
      parts.push({ ...chunk, at, file });
    }
  }

  #end(file: File, outcome: Outcome): void {
    const { entry, path } = file;
    if (entry === undefined) {
      const loss = attempt(file, () => this.#sink.release(path));
      file.loss ??= loss;
      outcome.shared.push({ path, damage: file.loss, isWritten: file.isWritten });
      return;
    }
    file.loss ??= attempt(file, () => this.#sink.finishFile(entry));
    if (file.loss === undefined) return void outcome.files++;
    attempt(file, () => this.#sink.discardFile(path));
    outcome.losses.push(file.loss);
  }
}
