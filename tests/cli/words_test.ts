import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

// docs/glossary.md, "Words we do not use": in names and comments, messages, sentences of tests, and documentation.

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const WORDS = [
  "anew",
  "afresh",
  "nobody",
  "somebody",
  "told",
  "condemn(s|ed|ing)?",
  "wholly",
  "waited out",
  "put (this |it )?right",
  "looked through",
  "by chance",
];
const PATTERN = new RegExp(`(?<![a-z])(${WORDS.join("|")})(?![a-z])`, "i");

/** Where the words are themselves, data whose hash counts, and what a search has printed. */
const LEFT_OUT = [
  "docs/glossary.md",
  "docs/crash-points.md",
  "tests/cli/words_test.ts",
  "tests/fixtures/make_tree.py",
  "tests/golden/journeys",
];

function filesBelow(path: string): string[] {
  if (LEFT_OUT.includes(relative(ROOT, path))) return [];
  return [...Deno.readDirSync(path)].flatMap(({ name, isDirectory, isFile }) => {
    const inner = join(path, name);
    if (isDirectory) return name.startsWith(".") || name === "dist" ? [] : filesBelow(inner);
    return isFile && /\.(ts|md|py|sql|html|css)$/.test(name) && !LEFT_OUT.includes(relative(ROOT, inner))
      ? [inner]
      : [];
  });
}

/** Words of names as well: `publishAnew` and `publish_anew`. */
function apart(text: string): string {
  return text.replace(/([a-z])([A-Z])/g, "$1 $2").replaceAll("_", " ");
}

function findWords(path: string): string[] {
  return Deno.readTextFileSync(path).split("\n").flatMap((line, index) => {
    const found = PATTERN.exec(apart(line));
    return found === null ? [] : [`${relative(ROOT, path)}:${index + 1}: ${found[1]}`];
  });
}

Deno.test("words that the glossary rules out are in no source, message, test or page of documentation", () => {
  const files = filesBelow(ROOT);
  assert.ok(files.length > 500);
  assert.deepEqual(files.flatMap(findWords), []);
});

Deno.test("the words are found in names and in sentences", () => {
  for (const text of ["publishAnew()", "made_anew", "Nobody knows", "is told of", "was condemned"]) {
    assert.match(apart(text), PATTERN);
  }
  for (const text of ["manewer", "untold", "toldness"]) assert.doesNotMatch(apart(text), PATTERN);
});
