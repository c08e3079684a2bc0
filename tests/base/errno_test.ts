import assert from "node:assert/strict";
import { errnoMessage, errnoName } from "../../src/base/errno.ts";
import { isExpected } from "../../src/base/exit_codes.ts";
import { fromErrorText, toErrorText } from "../../src/base/sent_errors.ts";
import { SystemError } from "../../src/platform/read.ts";

/** As both versions of the runtime give them. */
const ERRORS: [Error, string | undefined][] = [
  [
    Object.assign(new Error("No space left on device (os error 28): write 'x'"), { code: "ENOSPC" }),
    "ENOSPC",
  ],
  [new Error("Disk quota exceeded (os error 122): mkdir '/x'"), "EDQUOT"],
  [new Error("Too many links (os error 31): mkdir '/x'"), "EMLINK"],
  [new Error("Interrupted system call (os error 4): mkdir '/x'"), "EINTR"],
  [new Error("Unknown error 999 (os error 999)"), "E999"],
  [new SystemError(24), "EMFILE"],
  [Object.assign(new Error("x"), { code: "ERR_INVALID_ARG_TYPE" }), undefined],
  [Object.assign(new Error("x"), { code: 11 }), undefined],
  [new TypeError("x is undefined"), undefined],
];

for (const [error, name] of ERRORS) {
  Deno.test(`errnoName() of ${Deno.inspect(error.message)} is ${name}, on this thread and the next`, () => {
    assert.equal(errnoName(error), name);
    assert.equal(isExpected(error), name !== undefined);
    const crossed = fromErrorText(structuredClone(toErrorText(error)));
    assert.equal(errnoName(crossed), name);
  });
}

Deno.test("what the system may answer about a file has words, and the rest a number", () => {
  for (const number of [4, 5, 12, 24, 28, 30, 31, 36, 107, 116, 117, 122]) {
    assert.doesNotMatch(errnoMessage(number), /^error/);
  }
  assert.equal(errnoMessage(999), "error 999");
});
