import assert from "node:assert/strict";
import {
  ArchivedError,
  CorruptionError,
  EnvironmentError,
  ExistsError,
  InterruptedError,
  LockedError,
  NotFoundError,
  RefusedError,
  UnavailableError,
  UsageError,
} from "../../src/base/errors.ts";
import { exitCodeOf, isExpected } from "../../src/base/exit_codes.ts";
import { fromErrorText, toErrorText } from "../../src/base/sent_errors.ts";

const CODES: [error: Error, code: number, expected: boolean][] = [
  [new UsageError("x"), 2, true],
  [new RefusedError("x"), 2, true],
  [new LockedError("x"), 2, true],
  [new ArchivedError("x"), 2, true],
  [new NotFoundError("x"), 4, true],
  [new CorruptionError("x"), 5, true],
  [new UnavailableError("x"), 6, true],
  [new InterruptedError(), 130, true],
  [new EnvironmentError("x"), 1, true],
  [new ExistsError("x"), 1, true],
  [new Error("x"), 1, false],
  [new TypeError("x"), 1, false],
];

for (const [error, code, expected] of CODES) {
  Deno.test(`exitCodeOf() a ${error.name} is ${code}; it is ${expected ? "expected" : "a bug"}`, () => {
    assert.equal(exitCodeOf(error), code);
    assert.equal(isExpected(error), expected);
  });

  Deno.test(`a ${error.name} crosses to another thread with its class, message and causes`, () => {
    const nested = new UnavailableError("outer", { cause: new Error("middle", { cause: error }) });
    const back = fromErrorText(structuredClone(toErrorText(nested)));
    assert.ok(back instanceof UnavailableError);
    const inner = (back.cause as Error).cause as Error;
    assert.equal(inner.message, error.message);
    if (expected) assert.equal(inner.constructor, error.constructor);
    else assert.equal(inner.stack, error.stack);
  });
}

Deno.test("what is thrown and is no error crosses as one", () => {
  assert.equal(fromErrorText(toErrorText("a text")).message, "a text");
  assert.equal(fromErrorText(toErrorText(undefined)).message, "undefined");
});
