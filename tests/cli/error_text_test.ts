import assert from "node:assert/strict";
import {
  CorruptionError,
  EnvironmentError,
  InterruptedError,
  NotFoundError,
  UnavailableError,
  UsageError,
} from "../../src/base/errors.ts";
import { afterAbort, errorText, worseExit } from "../../src/cli/error_text.ts";

const text = (error: unknown, verbose = false) => errorText(error, { verbose });

Deno.test("errorText() is one line, with the cause only where it adds something", () => {
  const cause = new Error("disk quota exceeded");
  const table: [unknown, string][] = [
    [new UsageError("Cannot a: b", { cause }), "vaultik: Cannot a: b\n"],
    [new NotFoundError("Cannot a: b"), "vaultik: Cannot a: b\n"],
    [new EnvironmentError("Cannot write x", { cause }), "vaultik: Cannot write x: disk quota exceeded\n"],
    [
      new EnvironmentError("Cannot write x: disk quota exceeded", { cause }),
      "vaultik: Cannot write x: disk quota exceeded\n",
    ],
    [
      new UnavailableError("Cannot reach s3://b", {
        cause: new Error("fetch failed", { cause: new Error("refused") }),
      }),
      "vaultik: Cannot reach s3://b: fetch failed: refused\n",
    ],
    [new CorruptionError("Cannot a\nb: \x1b[2J"), "vaultik: Cannot a\\x0ab: \\x1b[2J\n"],
    [new InterruptedError(), "vaultik: Interrupted\n"],
    [new UsageError("Cannot use AGE-SECRET-KEY-1QQQQ"), "vaultik: Cannot use ***\n"],
  ];
  for (const [error, expected] of table) assert.equal(text(error), expected);
  assert.equal(
    text(new UsageError("Cannot a: b", { cause }), true),
    "vaultik: Cannot a: b: disk quota exceeded\n",
  );
});

Deno.test("errorText() shows no stack for a refusal of the operating system", () => {
  try {
    Deno.readTextFileSync("/nowhere/at/all");
    assert.fail();
  } catch (error) {
    assert.match(text(error), /^vaultik: Cannot go on: No such file or directory \(os error 2\).*\n$/);
  }
});

Deno.test("errorText() keeps the stack of a bug", () => {
  assert.match(
    text(new TypeError("x is undefined")),
    /this is a bug.*\n {2}TypeError: x is undefined\n {6}at /,
  );
  assert.match(text("a string"), /this is a bug.*\n {2}a string\n$/);
});

Deno.test("afterAbort() puts everything but damage down to the interruption", () => {
  const abort = new AbortController();
  const error = new TypeError("x");
  assert.equal(afterAbort(error, abort.signal), error);
  const interrupted = new InterruptedError();
  abort.abort(interrupted);
  assert.equal(afterAbort(error, abort.signal), interrupted);
  const damage = new CorruptionError("x");
  assert.equal(afterAbort(damage, abort.signal), damage);
  const precise = new InterruptedError("Interrupted: this is what is left");
  assert.equal(afterAbort(precise, abort.signal), precise);
});

Deno.test("worseExit() ranks incomplete below all failures", () => {
  const table: [number, number, number][] = [
    [0, 0, 0],
    [0, 3, 3],
    [3, 6, 6],
    [6, 3, 6],
    [5, 1, 1],
    [2, 5, 5],
    [1, 130, 130],
  ];
  for (const [a, b, worse] of table) assert.equal(worseExit(a, b), worse);
});
