import assert from "node:assert/strict";
import { findDependencies } from "../../release/dependencies.ts";

/** Licences of which parts may be given on within a program under MIT, with their notices. */
const ALLOWED = [
  "(MIT OR Apache-2.0)",
  "MIT",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "0BSD",
  "CC0-1.0",
  "Unlicense",
];

const page = Deno.readTextFileSync(new URL("../../docs/licences.md", import.meta.url));
const rows = [...page.matchAll(/^\| (\S+) \| (\d\S*) \| (.+) \|$/gm)].map(([, name, version, licence]) => ({
  name,
  version,
  licence,
}));

Deno.test("docs/licences.md lists the packages of deno.lock that are in the executable (deno task licences makes it)", () => {
  assert.deepEqual(
    rows.map(({ name, version }) => ({ name, version })),
    findDependencies().map(({ name, version }) => ({ name, version })),
  );
});

Deno.test("no package in the executable has a licence that forbids MIT", () => {
  assert.ok(rows.length > 20);
  assert.deepEqual(rows.filter(({ licence }) => !ALLOWED.includes(licence!)), []);
});

Deno.test("what only tests and tools import is not in the executable", () => {
  const names = new Set(findDependencies().map(({ name }) => name));
  for (const name of ["s3rver", "fast-check", "playwright-core", "esbuild"]) {
    assert.ok(!names.has(name), name);
  }
});
