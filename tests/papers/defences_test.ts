import assert from "node:assert/strict";
import { join } from "node:path";
import { DEFENCES } from "../../bench/defences.ts";
import { ROOT } from "./pages.ts";

Deno.test("each defence that deno task mutations takes out is in its file exactly once, and its test is there", () => {
  const wrong = DEFENCES.filter(({ file, text, test }) => {
    Deno.statSync(join(ROOT, test.file));
    return Deno.readTextFileSync(join(ROOT, file)).split(text).length !== 2;
  });
  assert.deepEqual(wrong.map(({ what }) => what), []);
});
