import { isPortable, libc } from "./libc.ts";
import { MADV_DONTNEED } from "./memory.ts";

interface Mapping {
  readonly start: bigint;
  readonly length: bigint;
}

/** Of what is in no buffer. */
const addresses = libc({ madvise: { parameters: ["pointer", "usize", "i32"], result: "i32" } });

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
 * Mappings of the file at `path` that can only be read or executed, and of which no page is this process's own, in the text of
 * proc_pid_smaps(5): of others what the loader has written would be lost.
 */
export function cleanMappings(smaps: string, path: string): Mapping[] {
  return smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).flatMap((mapping) => {
    const head = mapping.slice(0, mapping.indexOf("\n"));
    const found = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p /.exec(head);
    if (found === null || !head.endsWith(` ${path}`) || !/^Anonymous: +0 kB$/m.test(mapping)) return [];
    const start = BigInt(`0x${found[1]}`);
    return [{ start, length: BigInt(`0x${found[2]}`) - start }];
  });
}
