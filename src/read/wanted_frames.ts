import { CorruptionError } from "../base/errors.ts";
import { type Frame, frameOf } from "../blob/seek_table.ts";
import type { Place } from "../model/entry.ts";

/** Frames that lie this close are read together: what is between them costs less than a request. */
const GAP_BYTES = 256 * 1024;

/** A frame of a blob, and the chunks wanted from it. */
export interface WantedFrame<T extends Place> {
  readonly frame: Frame;
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
