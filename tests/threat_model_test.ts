import assert from "node:assert/strict";

const ROOT = new URL("..", import.meta.url);
const read = (path: string) => Deno.readTextFileSync(new URL(path, ROOT));
const model = read("docs/threat-model.md");

/** What a line names: a file of tests and a part of a sentence in it. */
const NAMED = [...model.matchAll(/^ {2}Test: `(tests\/\S+_test\.ts)`: "(.+)"$/gm)].map((
  [, file, sentence],
) => ({
  file,
  sentence,
}));

Deno.test("each test that the threat model names is there", () => {
  const missing = NAMED.filter(({ file, sentence }) => !read(file!).includes(sentence!));
  assert.deepEqual(missing, []);
  assert.ok(NAMED.length >= 25);
});

Deno.test("whatever the threat model says to hold names a test", () => {
  const held = model.match(/^- Holds: /gm) ?? [];
  assert.equal(held.length, NAMED.length);
  for (const section of model.split(/^## /m).slice(1)) assert.match(section, /^- Holds: /m, section);
});
