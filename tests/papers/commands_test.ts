import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { run } from "../../src/cli/app.ts";
import { testIo } from "../cli/in_process.ts";
import { pagesBelow, ROOT, type Typed, vaultikLines, wordsOf } from "./pages.ts";

/** Pages of which the lines are what a program has printed, or stand for any command. */
const LEFT_OUT = ["docs/reference/commands.md", "docs/commands.md", "src/model/FORMAT.md"];

/** What the program says to a call that is parsed and not carried out; `undefined` where it takes it. */
async function refusal({ page, line }: Typed): Promise<string | undefined> {
  const { io, printed } = testIo({});
  const code = await run(wordsOf(line), io, () => Promise.resolve(0));
  return code === 0 ? undefined : `${page}: vaultik ${line}: ${printed.stderr.trim()}`;
}

async function refusals(lines: readonly Typed[]): Promise<string[]> {
  const typed = lines.filter(({ line }) => !/(^|\s)(COMMAND|…|\.\.\.)/.test(line));
  return (await Promise.all(typed.map(refusal))).filter((text) => text !== undefined);
}

const PAGES = pagesBelow().filter((page) => !LEFT_OUT.includes(relative(ROOT, page)));

Deno.test("every call of the program that README and docs show has commands, options and arguments that there are", async () => {
  const lines = PAGES.flatMap((page) => vaultikLines(page));
  assert.ok(lines.length > 40, `${lines.length}`);
  assert.deepEqual(await refusals(lines), []);
});

Deno.test("every call that a sentence names is one, perhaps without its arguments", async () => {
  const refused = await refusals(PAGES.flatMap((page) => vaultikLines(page, { inline: true })));
  assert.deepEqual(refused.filter((text) => !text.includes("missing required argument")), []);
});

Deno.test("every task that README and docs name is there", () => {
  const { tasks } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));
  const missing = pagesBelow().flatMap((page) =>
    [...Deno.readTextFileSync(page).matchAll(/\bdeno(?:@[\d.]+)? task ([a-z][\w-]*)/g)]
      .filter(([, task]) => tasks[task!] === undefined)
      .map(([text]) => `${relative(ROOT, page)}: ${text}`)
  );
  assert.deepEqual(missing, []);
});
