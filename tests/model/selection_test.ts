import assert from "node:assert/strict";
import { namedRules, readRules, rulesOf } from "../../src/model/selection.ts";

const RULES = { oneFileSystem: true, excludeCaches: false };

Deno.test("rules of selection come back from the names that snapshots have for them", () => {
  assert.deepEqual(namedRules(RULES), { one_file_system: true, exclude_caches: false });
  assert.deepEqual(readRules(namedRules(RULES)), RULES);
});

Deno.test("a rule that is not given comes from the fallback, and one that is given does not", () => {
  const fallback = { one_file_system: true, exclude_caches: true };
  assert.deepEqual(readRules({ one_file_system: false }, fallback), {
    oneFileSystem: false,
    excludeCaches: true,
  });
  assert.deepEqual(readRules({ one_file_system: undefined }), { oneFileSystem: false, excludeCaches: false });
});

Deno.test("a value that is no rule counts as none, whoever wrote the snapshot", () => {
  assert.deepEqual(readRules({ one_file_system: "yes", exclude_caches: 1 }), {
    oneFileSystem: false,
    excludeCaches: false,
  });
});

Deno.test("rulesOf() takes nothing else along", () => {
  assert.deepEqual(rulesOf({ ...RULES, roots: ["/"] } as typeof RULES), RULES);
});
