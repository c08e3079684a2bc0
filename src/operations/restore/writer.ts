import type { Remote } from "../../threads/rpc.ts";
import { openShared } from "../../platform/libc.ts";
import type { Entry } from "../../model/entry.ts";
import { decodePage } from "../../model/page.ts";
import type { Path } from "../../model/path.ts";
import { lendingSource } from "../../read/remote_source.ts";
import { attempt } from "./attempt.ts";
import { ContentsWriter } from "./contents_writer.ts";
import { FileSink } from "./file_sink.ts";
import { Existing } from "./existing.ts";
import type { Differing, DoneOutcome, Patch, WriterNeeds, WriterOptions } from "./messages.ts";
import type { Part } from "../../read/entry_source.ts";
import { Owners } from "./owners.ts";
import { PageWriter } from "./page_writer.ts";
import { Selection } from "./selection.ts";

const decoder = new TextDecoder();

/** What a thread of a restore does; entries come as pages that are cut down to them. */
export class Writer {
  readonly pages: PageWriter;
  readonly contents: ContentsWriter;
  readonly #sink: FileSink;
  readonly #existing: Existing | undefined;
  /** Whether directories may have nothing in them that is wanted: those were not made. */
  readonly #mayBeMissing: boolean;

  constructor(options: WriterOptions, remote: Remote<WriterNeeds>) {
    const { target, owners, overwrite, dryRun = false, placement } = options;
    this.#sink = new FileSink({
      target: openShared(target),
      targetPath: options.targetPath,
      owners: new Owners(owners),
      makesDirectories: !dryRun,
      isAllNew: overwrite === undefined,
      placement,
      makesDevices: owners.noSpecial !== true,
      onNotSet: (what, path, reason) => void remote.notSet({ what, path, reason }),
    });
    this.#existing = overwrite && new Existing(overwrite, this.#sink.directories, { dryRun });
    const selection = new Selection(options.selection);
    this.#mayBeMissing = selection.isUncertain;
    this.pages = new PageWriter(selection, this.#sink, {
      existing: this.#existing,
      dryRun,
      isPlaced: placement !== undefined,
      leaves: options.leaves,
    });
    this.contents = new ContentsWriter(lendingSource(remote), this.#sink);
  }

  /** Files whose bytes were written by several threads, or that were there with others. */
  finishFiles(page: Uint8Array): DoneOutcome {
    return this.#each(page, (entry) => {
      this.#sink.adopt(entry.path);
      this.#sink.finishFile(entry);
    });
  }

  differing({ path, parts }: Patch): Differing {
    const existing = this.#existing;
    if (existing === undefined) return { parts };
    let differing: readonly Part[] = [];
    const loss = attempt({ path }, () => differing = existing.differing(path, parts));
    return { parts: differing, loss };
  }

  /** Removes a file that cannot be made whole. */
  discard(path: Path): void {
    attempt({ path }, () => {
      this.#sink.adopt(path);
      this.#sink.discardFile(path);
    });
  }

  link(page: Uint8Array): DoneOutcome {
    return this.#each(page, (entry) => {
      const action = this.#existing?.compareLink(entry).kind ?? "make";
      if (action === "keep") return;
      if (action === "replace") this.#existing!.remove(entry);
      this.#sink.link(entry.path, entry.hardlink!);
    });
  }

  /** Children before parents: a directory may be one that its owner must not enter. */
  finishDirectories(page: Uint8Array): DoneOutcome {
    let missing = 0;
    const { done, losses } = this.#each(page, (entry) => {
      if (this.#mayBeMissing && !this.#sink.hasDirectory(entry.path)) missing++;
      else this.#sink.finishDirectory(entry);
    }, true);
    return { done: done - missing, losses };
  }

  end(): void {
    this.#sink.close();
  }

  #each(page: Uint8Array, work: (entry: Entry) => void, isReversed = false): DoneOutcome {
    const entries = decodePage(decoder.decode(page));
    if (isReversed) entries.reverse();
    const losses = entries.map((entry) => attempt(entry, () => work(entry)))
      .filter((loss) => loss !== undefined);
    return { done: entries.length - losses.length, losses };
  }
}
