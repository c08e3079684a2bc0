import { CorruptionError } from "../base/errors.ts";
import { rawHeaderBytes, type RawPart, rawPart } from "../blob/raw_frame.ts";
import { type Frame, frameOf } from "../blob/seek_table.ts";
import type { Place } from "../model/entry.ts";

/** Frames that lie this close are read together: what is between them costs less than a request. */
const GAP_BYTES = 256 * 1024;

/** A frame of a blob or a part of one, and the chunks wanted from it. */
export interface WantedFrame<T extends Place> {
  readonly frame: Frame | RawPart;
  readonly places: T[];
}

/** The frames that hold `places`, in the order of the blob. `onDamage` is called with places that none holds. */
export function groupByFrame<T extends Place>(
  frames: readonly Frame[],
  places: readonly T[],
  onDamage: (places: readonly T[], error: Error) => void,
): WantedFrame<T>[] {
  const wanted: WantedFrame<T>[] = [];
  for (const place of places.toSorted((a, b) => a.offset - b.offset)) {
    try {
      const frame = frameOf(frames, place.offset, place.length);
      if (wanted[wanted.length - 1]?.frame !== frame) wanted.push({ frame, places: [] });
      wanted[wanted.length - 1]!.places.push(place);
    } catch (error) {
      if (!(error instanceof CorruptionError)) throw error;
      onDamage([place], error);
    }
  }
  return wanted;
}

/** Of frames that did not compress, the parts that are wanted; of others all. */
export function narrow<T extends Place>(wanted: readonly WantedFrame<T>[]): WantedFrame<T>[] {
  return wanted.flatMap((one) => {
    const headerBytes = rawHeaderBytes(one.frame);
    if (headerBytes === undefined || one.places.some(({ length }) => length === 0)) return [one];
    const parts = partsOf(one, headerBytes);
    return parts[0]!.frame.plain === one.frame.plain ? [one] : parts;
  });
}

function partsOf<T extends Place>(
  { frame, places }: WantedFrame<T>,
  headerBytes: number,
): WantedFrame<T>[] {
  const spans: { readonly from: number; to: number; readonly places: T[] }[] = [];
  for (const place of places) {
    const from = place.offset - frame.plainOffset;
    const to = from + place.length;
    const last = spans.at(-1);
    if (last === undefined || from > last.to) spans.push({ from, to, places: [place] });
    else {
      last.to = Math.max(last.to, to);
      last.places.push(place);
    }
  }
  return spans.map(({ from, to, places }) => ({ frame: rawPart(frame, headerBytes, from, to), places }));
}

/** Joins frames that lie close into runs of at most `most` stored bytes, or of one frame. */
export function* runs<T extends Place>(
  wanted: readonly WantedFrame<T>[],
  most: number,
): Generator<WantedFrame<T>[]> {
  let run: WantedFrame<T>[] = [];
  for (const next of wanted) {
    const last = run[run.length - 1]?.frame;
    const end = next.frame.storedOffset + next.frame.stored;
    const isFar = last !== undefined &&
      (next.frame.storedOffset - last.storedOffset - last.stored > GAP_BYTES ||
        end - run[0]!.frame.storedOffset > most);
    if (isFar) {
      yield run;
      run = [];
    }
    run.push(next);
  }
  if (run.length > 0) yield run;
}

/** From where to where a run lies in the opened age file. */
export function boundsOf<T extends Place>(
  run: readonly WantedFrame<T>[],
): readonly [from: number, to: number] {
  const last = run[run.length - 1]!.frame;
  return [run[0]!.frame.storedOffset, last.storedOffset + last.stored];
}
