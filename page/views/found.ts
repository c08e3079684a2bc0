import { formatCount } from "../../src/base/units.ts";
import type { Path } from "../../src/model/path.ts";
import {
  namePart,
  parsePathPattern,
  passes,
  type PathPattern,
  type PathTest,
} from "../../src/model/path_pattern.ts";
import { timeOfSnapshot } from "../../src/model/names.ts";
import { findVersions, type Version } from "../../src/operations/browse/versions.ts";
import { fill, h } from "../dom.ts";
import type { Session, SnapshotSet } from "../session.ts";
import { localTime, messageOf, shown, when } from "../text.ts";
import { entryRow, table } from "./files.ts";

/** Results that are shown. */
const SHOWN_MAX = 1000;

/** What is looked for, and in which snapshots. */
export interface Question {
  readonly within: Path;
  readonly test: PathTest;
  readonly ids: readonly string[];
  readonly title: string;
  /** Of one path, whose versions are shown by their times: the newest first. */
  readonly isHistory?: boolean;
}

/** Reads what was typed: a part of a name, or a pattern. */
export function matcherOf(text: string): PathPattern {
  if (/[*?[\\]|\//.test(text)) return parsePathPattern(text);
  return { test: namePart(text), within: "/" };
}

function heading(title: string, leave: () => void): HTMLElement {
  return h(
    "header",
    { class: "found-head" },
    h("h2", {}, title),
    h("button", { type: "button", click: leave }, "Back to the folder"),
  );
}

/** Every version of what is looked for, each with the newest snapshot that has it. */
export class FoundView {
  readonly element = h("section", { class: "files found" });
  readonly #session: Session;
  #searches = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  /** `look` is given a version and the id of the snapshot. */
  async show(
    set: SnapshotSet,
    question: Question,
    look: (version: Version, id: string) => void,
    close: () => void,
  ): Promise<void> {
    const turn = ++this.#searches;
    const status = h("p", { role: "status", class: "hint" }, "Searching…");
    const results = h("div");
    const leave = () => {
      this.#searches++;
      close();
    };
    fill(this.element, [heading(question.title, leave), status, results]);
    try {
      const { versions, lost } = await this.#find(set, question, turn, status);
      if (turn !== this.#searches) return;
      fill(status, [
        summary(versions.length),
        ...lost.map(({ message }) => h("span", { class: "problem" }, message)),
      ]);
      const { ids, isHistory = false } = question;
      const ordered = isHistory ? versions.toReversed() : versions;
      fill(results, versions.length === 0 ? [] : [this.#table(ordered, ids.length > 1, isHistory, look)]);
    } catch (error) {
      if (turn === this.#searches) {
        fill(status, [h("span", { class: "problem" }, messageOf(error))]);
      }
    }
  }

  /** Says in `status` how far it is. */
  #find(set: SnapshotSet, { within, test, ids }: Question, turn: number, status: HTMLElement) {
    let opened = 0;
    const open = async (id: string) => {
      if (turn !== this.#searches) throw new Error("Another search has begun");
      const browsed = await this.#session.open(set, id);
      if (turn === this.#searches) {
        fill(status, [`Searching… ${formatCount(++opened)} of ${formatCount(ids.length)} snapshots`]);
      }
      return browsed;
    };
    return findVersions(ids, open, { within, at: test, matches: ({ path }) => passes(test, path) });
  }

  #table(
    versions: readonly Version[],
    hasRanges: boolean,
    isHistory: boolean,
    look: (version: Version, id: string) => void,
  ): HTMLElement {
    const rows = versions.slice(0, SHOWN_MAX).map((version) => {
      const { entry, snapshots } = version;
      const last = snapshots.at(-1)!.last;
      return entryRow(
        entry,
        isHistory ? `Changed ${localTime(entry.mtime)}` : shown(entry.path),
        () => look(version, last),
        hasRanges ? rangeText(version) : undefined,
      );
    });
    return table(h("tbody", {}, ...rows));
  }
}

function summary(count: number): string {
  if (count === 0) return "Nothing was found.";
  const found = count === 1 ? "1 result" : `${formatCount(count)} results`;
  return count > SHOWN_MAX ? `${found}, of which the first ${formatCount(SHOWN_MAX)} are shown` : found;
}

function rangeText({ snapshots }: Version): string {
  const count = snapshots.reduce((sum, range) => sum + range.count, 0);
  const first = whenOf(snapshots[0]!.first);
  const last = whenOf(snapshots.at(-1)!.last);
  return count === 1
    ? `in the snapshot of ${first}`
    : `in ${formatCount(count)} snapshots, ${first} to ${last}`;
}

function whenOf(id: string): string {
  return when(new Date(timeOfSnapshot(id)).toISOString());
}
