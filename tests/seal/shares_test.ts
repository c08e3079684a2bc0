import assert from "node:assert/strict";
import { atLeast } from "../../src/base/at_least.ts";
import { UsageError } from "../../src/base/errors.ts";
import { joinShares, splitSecret } from "../../src/seal/shares.ts";

const SECRET = new TextEncoder().encode(
  "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ",
);

function subsets<T>(items: readonly T[]): T[][] {
  return items.reduce<T[][]>((all, item) => [...all, ...all.map((some) => [...some, item])], [[]]);
}

Deno.test("any shares that are enough give the secret back, fewer do not", async () => {
  for (const [threshold, count] of [[2, 2], [2, 3], [3, 4]] as const) {
    const shares = await splitSecret(SECRET, threshold, count);
    for (const some of subsets(shares)) {
      const joined = joinShares(some.reverse());
      if (some.length >= threshold) assert.deepEqual(await joined, SECRET);
      else await assert.rejects(joined, UsageError);
    }
  }
});

Deno.test("a share is a line that survives a pencil: case and spaces do not matter, a wrong letter is found", async () => {
  const [one, two] = atLeast(2, await splitSecret(SECRET, 2, 3));
  assert.match(one, /^VAULTIK-SHARE-1-[0-9A-F]{8}-2-3-1-[0-9A-F]+-[0-9A-F]{8}$/);
  const typed = one.toLowerCase().replace(/(.{10})/g, "$1 ");
  assert.deepEqual(await joinShares([typed, two]), SECRET);
  for (let at = 0; at < one.length; at++) {
    const changed = one.slice(0, at) + (one[at] === "7" ? "8" : "7") + one.slice(at + 1);
    await assert.rejects(joinShares([changed, two]), UsageError, `position ${at}`);
  }
});

Deno.test("shares that do not belong together, are the same one twice, or are no shares are reported", async () => {
  const shares = await splitSecret(SECRET, 2, 3);
  const others = await splitSecret(SECRET, 2, 3);
  const table: [lines: string[], expected: RegExp][] = [
    [[], /there are none/],
    [[shares[0]!], /2 of 3 are needed, there are 1 different ones/],
    [[shares[0]!, shares[0]!], /there are 1 different ones/],
    [[shares[0]!, others[1]!], /they do not belong together, as share 1 is of set/],
    [[shares[0]!, shares[1]!.slice(0, -1)], /the line that begins VAULTIK-SHARE-1-[0-9A-F]{8} is no share/],
    [[shares[0]!, "hunter2"], /a line is no share/],
  ];
  for (const [lines, expected] of table) {
    await assert.rejects(joinShares(lines), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, expected);
      return true;
    });
  }
});

Deno.test("no share has the secret in it", async () => {
  const hex = Array.from(SECRET.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
  for (const share of await splitSecret(SECRET, 2, 3)) {
    assert.ok(!share.includes(hex.toUpperCase()));
  }
});

Deno.test("a split that protects nothing, or cannot be, is refused", async () => {
  for (const [threshold, count] of [[1, 3], [0, 0], [4, 3], [2, 256]] as const) {
    await assert.rejects(splitSecret(SECRET, threshold, count), UsageError);
  }
});
