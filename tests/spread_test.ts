import assert from "node:assert/strict";
import { readSources, withoutComments } from "./sources.ts";

const sources = readSources("src", "main.ts");

/** Spreads into arguments of which the number is bounded: by what makes them, as said. A call with very many is a RangeError. */
const BOUNDED: readonly string[] = [
  "src/report/progress_line.ts min(parts)", // of one line
  "src/cli/backup_summary_text.ts max(sizes)", // five
  "src/cli/command.ts async(given)", // parameters, not arguments
  "src/daemon/service/systemd_install.ts systemctl(args)", // parameters
  "src/index/database.ts run(values)", // parameters, then those of one statement
  "src/index/database.ts all(values)",
  "src/index/database.ts get(values)",
  "src/index/database.ts one(values)",
  "src/index/blobs.ts run(values)", // of 32 rows
  "src/scan/resolve_root.ts unshift(link)", // a link has at most 4,095 bytes
  "src/seal/signature.ts of(head)", // a key
  "src/seal/signature.ts of(fromBase64)",
  "src/read/blob_reader.ts rangeOf(boundsOf)", // two
  "src/operations/repair/healed_manifest.ts set(list)", // two
  "src/threads/rpc.ts extends(argument)", // a type
  "src/store/s3.ts push(folders)", // a page of a listing
];

/** What `...` in calls and parameter lists takes apart: `push(items)` for `push(...items)`. */
function spreadArguments(text: string): string[] {
  const found: string[] = [];
  const source = withoutComments(text);
  for (const { index } of source.matchAll(/\.\.\.(?=[\w#(])/g)) {
    let depth = 0;
    let at = index - 1;
    for (; at >= 0; at--) {
      if (")]}".includes(source[at]!)) depth++;
      else if ("([{".includes(source[at]!) && depth-- === 0) break;
    }
    if (source[at] !== "(") continue;
    const callee = /([\w#]+)(<[^()]*>)?\s*$/.exec(source.slice(0, at))?.[1];
    const operand = /^(?:await )?(?:this\.)?[#]?(\w+)/.exec(source.slice(index + 3))?.[1];
    if (callee !== undefined && operand !== undefined) found.push(`${callee}(${operand})`);
  }
  return found;
}

Deno.test("no array of unbounded length is spread into arguments", () => {
  const found = [...sources].flatMap(([path, text]) =>
    spreadArguments(text).map((call) => `${path} ${call}`)
  );
  assert.deepEqual(found.filter((call) => !BOUNDED.includes(call)), []);
  assert.deepEqual(spreadArguments("a.push(...b.c()); [...d]; f({ ...e }, [...g]); m(1, ...await this.#h)"), [
    "push(b)",
    "m(h)",
  ]);
});
