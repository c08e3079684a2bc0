import assert from "node:assert/strict";
import { isPortable } from "../../src/platform/libc.ts";
import { cleanMappings, giveProgramBack } from "../../src/platform/program_memory.ts";

const mapping = (head: string, anonymousKb: number) =>
  `${head}\nSize:                 64 kB\nRss:                  64 kB\nAnonymous:      ${
    String(anonymousKb).padStart(8)
  } kB\nVmFlags: rd mr mw me\n`;

Deno.test("only mappings of the program that cannot have been written to are given back", () => {
  const smaps = [
    mapping("00400000-00500000 r--p 00000000 fe:00 123                        /opt/my program", 0),
    mapping("00500000-00900000 r-xp 00100000 fe:00 123                        /opt/my program", 0),
    // Relocated by the loader.
    mapping("00900000-00a00000 r--p 00500000 fe:00 123                        /opt/my program", 4),
    mapping("00a00000-00b00000 rw-p 00600000 fe:00 123                        /opt/my program", 0),
    mapping("00b00000-00c00000 rwxp 00600000 fe:00 123                        /opt/my program", 0),
    mapping("01000000-01100000 rw-p 00000000 00:00 0                          [heap]", 64),
    mapping("7f0000000000-7f0000100000 r-xp 00000000 fe:00 124                /opt/another", 0),
    // V8's code once more, for a thread.
    mapping("7f0000100000-7f0000200000 r-xp 00200000 fe:00 123                /opt/my program", 0),
    mapping("7f0000200000-7f0000300000 r-xp 00000000 fe:00 125                /opt/my program (deleted)", 0),
    mapping("7f0000400000-7f0000500000 rw-p 00000000 00:00 0 ", 64),
  ].join("");
  assert.deepEqual(cleanMappings(smaps, "/opt/my program"), [
    { start: 0x400000n, length: 0x100000n },
    { start: 0x500000n, length: 0x400000n },
  ]);
  assert.deepEqual(cleanMappings("", "/opt/my program"), []);
});

Deno.test("of a program that is mapped in part once more, wherever that is, only what the system has loaded is given back", () => {
  const loaded = [
    mapping("00400000-00500000 r--p 00000000 fe:00 123                        /opt/program", 0),
    mapping("00500000-00900000 r-xp 00100000 fe:00 123                        /opt/program", 0),
  ];
  const again = (start: string, end: string) =>
    mapping(`${start}-${end} r-xp 00200000 fe:00 123                        /opt/program`, 0);
  const smaps = [again("00200000", "00300000"), ...loaded, again("00900000", "00a00000")].join("");
  assert.deepEqual(cleanMappings(smaps, "/opt/program"), [
    { start: 0x400000n, length: 0x100000n },
    { start: 0x500000n, length: 0x400000n },
  ]);
  assert.deepEqual(cleanMappings(again("00200000", "00300000"), "/opt/program"), []);
});

const MAP_PRIVATE_ANONYMOUS_FIXED_NOREPLACE = 0x100022;
const PROT_READ_WRITE = 3;

/** Where V8 has mapped parts of the program, which are not among those that are loaded from its beginning on. */
function mappedAgain(): { start: bigint; length: bigint }[] {
  return Deno.readTextFileSync("/proc/self/maps").split("\n").flatMap((line) => {
    const found = /^([0-9a-f]+)-([0-9a-f]+) r-xp /.exec(line);
    if (found === null || !line.endsWith(Deno.execPath())) return [];
    const start = BigInt(`0x${found[1]}`);
    return [{ start, length: BigInt(`0x${found[2]}`) - start }];
  });
}

Deno.test({
  name: "what is in memory where a thread had its code is not lost when the program is given back",
  ignore: isPortable,
  async fn() {
    const url = `data:text/javascript,postMessage("");`;
    const before = new Set(mappedAgain().map(({ start }) => start));
    const worker = new Worker(url, { type: "module" });
    await new Promise((resolve) => worker.onmessage = resolve);
    const ofThread = mappedAgain().filter(({ start }) => !before.has(start));
    giveProgramBack();
    worker.terminate();
    const { symbols: { mmap, munmap } } = Deno.dlopen("libc.so.6", {
      mmap: { parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
      munmap: { parameters: ["pointer", "usize"], result: "i32" },
    });
    for (const { start, length } of ofThread) {
      const at = Deno.UnsafePointer.create(start);
      const map = () => mmap(at, length, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_FIXED_NOREPLACE, -1, 0n);
      let memory = map();
      while (Deno.UnsafePointer.value(memory) !== start) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        memory = map();
      }
      const bytes = new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(memory!, Number(length)));
      bytes.fill(7);
      giveProgramBack();
      const isKept = bytes.every((byte) => byte === 7);
      munmap(memory, length);
      assert.ok(isKept, "memory was lost");
    }
    assert.notEqual(ofThread.length, 0);
  },
});

Deno.test("a program goes on when its code was given back", () => {
  for (let i = 0; i < 3; i++) giveProgramBack();
  assert.equal(JSON.stringify({ a: [1, "é"] }), '{"a":[1,"é"]}');
});
