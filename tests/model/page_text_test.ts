import assert from "node:assert/strict";
import fc from "fast-check";
import { decodePage, encodePage } from "../../src/model/page.ts";
import { PageText } from "../../src/model/page_text.ts";
import { entry } from "./arbitraries.ts";

Deno.test("a page that is cut has the entries that were asked for, and no others", () => {
  fc.assert(
    fc.property(
      fc.array(entry, { maxLength: 8 }),
      fc.array(fc.boolean(), { minLength: 8 }),
      (entries, flags) => {
        const page = new PageText(new TextEncoder().encode(encodePage(entries)));
        const chosen = entries.map((_, i) => i).filter((i) => flags[i]);
        const cut = decodePage(new TextDecoder().decode(page.cut(chosen)));
        assert.deepEqual(cut, chosen.map((i) => entries[i]));
      },
    ),
  );
});
