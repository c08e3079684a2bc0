import { existsSync } from "node:fs";
import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { atLeast } from "../../src/base/at_least.ts";
import { pagesBelow, ROOT } from "./pages.ts";

/** As the web pages of repositories make it of a heading. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
}

function anchorsIn(page: string): Set<string> {
  return new Set(
    [...Deno.readTextFileSync(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!)),
  );
}

/** Links of `page` that lead to no file, or to no heading. */
function brokenLinks(page: string): string[] {
  const links = [...Deno.readTextFileSync(page).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path, anchor] = atLeast(1, link.split("#"));
    const file = path === "" ? page : join(dirname(page), path);
    if (!existsSync(file)) return true;
    return anchor !== undefined && !anchorsIn(file).has(anchor);
  });
}

Deno.test("every link between pages of the documentation leads to a file and a heading that are there", () => {
  const pages = pagesBelow();
  assert.ok(pages.length > 5);
  const broken = pages.flatMap((page) => brokenLinks(page).map((link) => `${relative(ROOT, page)}: ${link}`));
  assert.deepEqual(broken, []);
});

Deno.test("every file that CONTRIBUTING.md names is there", () => {
  const text = Deno.readTextFileSync(join(ROOT, "CONTRIBUTING.md"));
  const named = [...text.matchAll(/`((?:src|tests|docs|bench|\.ci)\/[\w./-]+)`/g)].map(([, path]) => path);
  assert.ok(named.length > 15);
  assert.deepEqual(named.filter((path) => !path!.includes("NAME") && !existsSync(join(ROOT, path!))), []);
});
