import assert from "node:assert/strict";
import { CorruptionError, EnvironmentError, InterruptedError } from "../../src/base/errors.ts";
import { feed } from "../../src/platform/feed.ts";

const encoder = new TextEncoder();

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(encoder.encode(text));
}

async function run(
  command: string[],
  input: AsyncIterable<Uint8Array>,
  signal = new AbortController().signal,
) {
  const printed = { out: "", err: "" };
  const take = (key: "out" | "err") => (bytes: Uint8Array) =>
    void (printed[key] += new TextDecoder().decode(bytes));
  const fed = await feed(command, input, { out: take("out"), err: take("err"), signal });
  return { ...fed, ...printed };
}

Deno.test("a program is fed every byte, and what it prints is passed on", async () => {
  const large = "0123456789".repeat(100_000);
  const fed = await run(["sh", "-c", "cat; echo done >&2; exit 3"], pieces("a", large, "b"));
  assert.deepEqual(fed, { code: 3, isCutOff: false, out: `a${large}b`, err: "done\n" });
});

Deno.test("an empty file is fed to a program as one", async () => {
  assert.deepEqual(await run(["wc", "-c"], pieces()), { code: 0, isCutOff: false, out: "0\n", err: "" });
});

Deno.test("a program that stops reading is reported", async () => {
  const { code, isCutOff } = await run(["head", "-c1"], pieces("x".repeat(1_000_000), "y"));
  assert.deepEqual([code, isCutOff], [0, true]);
});

Deno.test("a program that ends without reading ends with its own code, whatever is still to be fed", async () => {
  for (const input of [["x"], ["x", "y"], ["x".repeat(1_000_000), "y"]]) {
    for (let round = 0; round < 5; round++) {
      assert.equal((await run(["false"], pieces(...input))).code, 1);
      assert.equal((await run(["sh", "-c", "exec <&-; sleep 0.05; exit 4"], pieces(...input))).code, 4);
    }
  }
});

Deno.test("a program that is not there is no part of what is read", async () => {
  await assert.rejects(run(["/no/such"], pieces("a")), (error) => {
    assert.ok(error instanceof EnvironmentError);
    assert.equal(error.message, "Cannot run /no/such: there is no such program");
    return true;
  });
});

/** Writes `whole` to `file` once its input has ended, and not before. */
const atTheEnd = (file: string) => ["sh", "-c", `cat > /dev/null; echo whole > ${file}`];

Deno.test("where reading fails the program is killed before its input ends, and was not started before the first bytes", async () => {
  const directory = await Deno.makeTempDir({ prefix: "vaultik-feed-" });
  const file = `${directory}/result`;
  const damage = new CorruptionError("Blob is damaged");
  async function* damaged(...before: string[]) {
    yield* pieces(...before);
    throw damage;
  }
  for (const before of [["x".repeat(500_000), "y"], ["x"], []]) {
    await assert.rejects(run(atTheEnd(file), damaged(...before)), damage);
  }
  await assert.rejects(run(["touch", file], damaged()), damage);
  assert.throws(() => Deno.statSync(file), Deno.errors.NotFound);
  assert.equal((await run(atTheEnd(file), pieces("x"))).code, 0);
  assert.equal(Deno.readTextFileSync(file), "whole\n");
  await Deno.remove(directory, { recursive: true });
});

async function* abortingAfterTheFirst(aborting: AbortController): AsyncGenerator<Uint8Array> {
  for (let i = 0;; i++) {
    if (i === 0) setTimeout(() => aborting.abort(new InterruptedError()), 10);
    yield* pieces("x".repeat(100_000));
  }
}

Deno.test("an interruption kills the program, whether it reads or not", async () => {
  for (const program of [["cat"], ["sleep", "600"]]) {
    const aborting = new AbortController();
    await assert.rejects(run(program, abortingAfterTheFirst(aborting), aborting.signal), InterruptedError);
  }
});
