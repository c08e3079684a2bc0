import { UsageError } from "../base/errors.ts";
import { SharedArena } from "../base/shared_arena.ts";
import { CACHE_BYTES, FrameCache, type FrameMemory } from "../operations/browse/frame_cache.ts";
import { FrameThreads } from "../operations/browse/frame_threads.ts";
import { type FrameOpener, openingHere } from "../operations/browse/open_frame.ts";
import type { Browser, Opener } from "../operations/browse/open_snapshot.ts";
import { PageCache } from "../operations/browse/page_cache.ts";
import type { OpenedCache } from "../read/opened_cache.ts";
import { HeaderOpener, type Identity } from "../seal/age.ts";
import { flag } from "./command.ts";
import { type Session, threadCount } from "./session.ts";

const MIB = 1024 * 1024;
/** Plain bytes of frames that commands keep which read little. */
const LOCAL_CACHE_BYTES = 64 * MIB;
/** What is fetched and waits for a thread that opens it. */
const SEALED_BYTES = 8 * MIB;
/** Frames begin so far apart in the memory of those that are kept. */
const PLAIN_GRAIN_BYTES = 64 * 1024;
/** Plain bytes that are opened before threads are started for it, which take time and memory. */
const BYTES_HERE = 48 * MIB;
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

/** What looks into snapshots on this thread, for commands that read little. */
export function openLocally(identities: readonly Identity[]): Opener {
  return openerOf(identities, openingHere, LOCAL_CACHE_BYTES);
}

/** As {@link openLocally}, for commands that may read little or very much: threads are started once there is much. */
export function openWithThreads(
  tools: Session,
  identities: readonly Identity[],
  opened?: OpenedCache,
): Opener & Disposable {
  let threads: FrameThreads | undefined;
  let bytes = 0;
  const openerFor = (frames: readonly { readonly plain: number }[]): FrameOpener => {
    bytes += frames.reduce((sum, { plain }) => sum + plain, 0);
    return bytes <= BYTES_HERE ? openingHere : threads ??= new FrameThreads(threadCount(tools.config));
  };
  const open: FrameOpener = {
    open: (request) => openerFor([request]).open(request),
    search: (request) => openerFor(request.runs.flatMap(({ frames }) => frames)).search(request),
  };
  return {
    ...openerOf(identities, open, LOCAL_CACHE_BYTES),
    opened,
    [Symbol.dispose]: () => threads?.[Symbol.dispose](),
  };
}

/** What looks into the snapshots of a session, with threads of its own, for those that read much. */
export function openBrowser(
  tools: Session,
  identities: readonly Identity[],
  cacheMib: number,
): Browser & Disposable {
  const threads = new FrameThreads(threadCount(tools.config));
  return {
    tools,
    ...openerOf(identities, threads, cacheMib * MIB, {
      sealed: new SharedArena(new SharedArrayBuffer(SEALED_BYTES)),
      plain: new SharedArena(new SharedArrayBuffer(cacheMib * MIB), PLAIN_GRAIN_BYTES),
    }),
    [Symbol.dispose]: () => threads[Symbol.dispose](),
  };
}

function openerOf(
  identities: readonly Identity[],
  open: FrameOpener,
  cacheBytes: number,
  memory?: FrameMemory,
): Opener {
  return {
    opener: new HeaderOpener(identities),
    frames: new FrameCache(open, cacheBytes, memory),
    pages: new PageCache(),
  };
}
