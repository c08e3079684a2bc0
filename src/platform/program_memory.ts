import { isPortable, libc } from "./libc.ts";
import { MADV_DONTNEED } from "./memory.ts";

interface Mapping {
  readonly start: bigint;
  readonly length: bigint;
}

/** Of what is in no buffer. */
const addresses = libc({ madvise: { parameters: ["pointer", "usize", "i32"], result: "i32" } });

/** Neighbours may have so much of the file in common. */
const PAGE_BYTES = 65536n;

let program: readonly Mapping[] | undefined;

/** Lets go of the program's own code: most of it was needed to start only, and what is needed again is in the page cache. */
export function giveProgramBack(): void {
  if (isPortable) return;
  program ??= programMappings();
  for (const { start, length } of program) {
    addresses().madvise(Deno.UnsafePointer.create(start), length, MADV_DONTNEED);
  }
}

function programMappings(): Mapping[] {
  try {
    return cleanMappings(Deno.readTextFileSync("/proc/self/smaps"), Deno.execPath());
  } catch {
    return [];
  }
}

/**
 * Mappings of the program, the file at `path`, that can only be read or executed, and of which no page is this process's own, in the text of
 * proc_pid_smaps(5): of others what the loader has written would be lost.
 *
 * Only those as the system has loaded the program: next to each other, from the file's beginning to its end. V8 maps its own code once more
 * for each thread. What it maps goes with the thread, and then other memory may be at those addresses, which must not be lost.
 */
export function cleanMappings(smaps: string, path: string): Mapping[] {
  const all = smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).map((text) => mappingIn(text, path));
  const first = all.findIndex((mapping) => mapping?.offset === 0n);
  const clean: Mapping[] = [];
  let end = 0n;
  for (const mapping of first < 0 ? [] : all.slice(first)) {
    if (mapping === undefined || mapping.offset < end - PAGE_BYTES) break;
    const { start, length, offset, isClean } = mapping;
    end = offset + length;
    if (isClean) clean.push({ start, length });
  }
  return clean;
}

interface FileMapping extends Mapping {
  /** In the file. */
  readonly offset: bigint;
  readonly isClean: boolean;
}

/** `undefined` where it is of another file, or of none. */
function mappingIn(text: string, path: string): FileMapping | undefined {
  const head = text.slice(0, text.indexOf("\n"));
  const found = /^([0-9a-f]+)-([0-9a-f]+) (\S+) ([0-9a-f]+) \S+ \d+ +(.+)$/.exec(head);
  if (found === null || found[5] !== path) return undefined;
  const number = (group: number) => BigInt(`0x${found[group]}`);
  const isClean = /^r-[x-]p$/.test(found[3]!) && /^Anonymous: +0 kB$/m.test(text);
  return { start: number(1), length: number(2) - number(1), offset: number(4), isClean };
}
