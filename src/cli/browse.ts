import { UsageError } from "../base/errors.ts";
import { CACHE_BYTES, FrameCache } from "../operations/browse/frame_cache.ts";
import { FrameThreads } from "../operations/browse/frame_threads.ts";
import type { Browser } from "../operations/browse/open_snapshot.ts";
import { PageCache } from "../operations/browse/page_cache.ts";
import { HeaderOpener } from "../seal/age.ts";
import { flag } from "./command.ts";
import { type Session, threadCount } from "./session.ts";

const MIB = 1024 * 1024;
const CACHE_MIN_MIB = 32;
const CACHE_MAX_MIB = 65_536;

/** How much memory what was read takes. */
export const CACHE_OPTION = () =>
  flag("--cache <MiB>", "keep so much of what was read in memory")
    .argParser(toMib).default(CACHE_BYTES / MIB);

function toMib(text: string): number {
  const mib = Number(text);
  if (Number.isInteger(mib) && mib >= CACHE_MIN_MIB && mib <= CACHE_MAX_MIB) return mib;
  throw new UsageError(
    `Cannot use --cache ${
      JSON.stringify(text)
    }: allowed is a whole number from ${CACHE_MIN_MIB} to ${CACHE_MAX_MIB}`,
  );
}

/** What looks into the snapshots of a session, with threads of its own. */
export function openBrowser(
  tools: Session,
  identities: readonly string[],
  cacheMib: number,
): Browser & Disposable {
  const threads = new FrameThreads(threadCount(tools.config));
  return {
    tools,
    opener: new HeaderOpener(identities),
    frames: new FrameCache(threads.open, cacheMib * MIB),
    pages: new PageCache(),
    [Symbol.dispose]: () => threads[Symbol.dispose](),
  };
}
