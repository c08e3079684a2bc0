import assert from "node:assert/strict";
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
    mapping("7f0000000000-7f0000100000 r-xp 00000000 fe:00 124                /opt/another", 0),
    mapping("7f0000200000-7f0000300000 r-xp 00000000 fe:00 125                /opt/my program (deleted)", 0),
    mapping("7f0000400000-7f0000500000 rw-p 00000000 00:00 0 ", 64),
  ].join("");
  assert.deepEqual(cleanMappings(smaps, "/opt/my program"), [
    { start: 0x400000n, length: 0x100000n },
    { start: 0x500000n, length: 0x400000n },
  ]);
  assert.deepEqual(cleanMappings("", "/opt/my program"), []);
});

Deno.test("a program goes on when its code was given back", () => {
  for (let i = 0; i < 3; i++) giveProgramBack();
  assert.equal(JSON.stringify({ a: [1, "é"] }), '{"a":[1,"é"]}');
});
