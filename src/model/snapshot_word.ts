import { atLeast } from "../base/at_least.ts";
import { parseTime } from "./time_word.ts";

/** How a person names a snapshot. `back`: so many before that one, of the same source set. */
export type SnapshotWord =
  & { readonly back: number }
  & (
    | { readonly kind: "latest" }
    | { readonly kind: "id"; readonly beginning: string }
    /** The last one that was begun before. */
    | { readonly kind: "before"; readonly time: Date }
  );

/**
 * Reads `latest`, an id or the beginning of one, a time (`2026-11-20`, `2026-11-20 13:05`, `yesterday`, `3 days ago`), each also with
 * `~1` behind it. Times are in UTC unless they say otherwise; a date is its first instant. `undefined` for anything else.
 */
export function parseSnapshotWord(text: string, now: Date): SnapshotWord | undefined {
  const [, word, steps] = atLeast(2, /^(.*?)(?:~(\d{1,9})?)?$/s.exec(text.trim())!);
  const back = text.trim().endsWith("~") ? 1 : Number(steps ?? 0);
  if (word === "latest") return { kind: "latest", back };
  const time = parseTime(word, now);
  if (time !== undefined) return { kind: "before", time, back };
  return /^\d{1,8}(T\d{0,6})?(Z(-([a-z2-7]{0,7}|[a-z2-7]{8}(-[0-9a-f]{0,8})?))?)?$/.test(word)
    ? { kind: "id", beginning: word, back }
    : undefined;
}
