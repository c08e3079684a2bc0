import assert from "node:assert/strict";
import { EnvironmentError, ExistsError, UnavailableError } from "../../src/base/errors.ts";
import { errorText } from "../../src/cli/error_text.ts";
import { toStoreError } from "../../src/store/file_errors.ts";

const CASES: [said: string, Class: new () => Error, text: string][] = [
  ["Disk quota exceeded (os error 122)", EnvironmentError, "the disk quota is used up"],
  [
    "Too many links (os error 31)",
    EnvironmentError,
    "the directory has as many links as the file system allows",
  ],
  ["Too many open files (os error 24)", EnvironmentError, "too many open files"],
  ["No space left on device (os error 28)", EnvironmentError, "no space left on the device"],
  [
    "Stale file handle (os error 116)",
    EnvironmentError,
    "the server has forgotten it (was the share mounted again?)",
  ],
  ["Structure needs cleaning (os error 117)", EnvironmentError, "Structure needs cleaning (os error 117)"],
  ["Interrupted system call (os error 4)", UnavailableError, "Interrupted system call (os error 4)"],
  ["File exists (os error 17)", ExistsError, "it exists"],
];

for (const [said, Class, text] of CASES) {
  Deno.test(`a store that meets "${said}" says so once, and calls it no bug`, () => {
    const error = toStoreError(new Error(said), "write", "/s/x");
    assert.ok(error instanceof Class, Deno.inspect(error));
    assert.equal(errorText(error, { verbose: false }), `vaultik: Cannot write "/s/x": ${text}\n`);
  });
}

Deno.test("what no system said stays as it is", () => {
  const bug = new TypeError("x is undefined");
  assert.equal(toStoreError(bug, "write", "/s/x"), bug);
});
