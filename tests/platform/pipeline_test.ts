import assert from "node:assert/strict";
import { Pipeline } from "../../src/platform/pipeline.ts";

const SECONDS_30 = 30_000;

async function run(stages: string[][], options: { env?: Record<string, string>; timeoutMs?: number } = {}) {
  using pipeline = new Pipeline(stages, { env: {}, timeoutMs: SECONDS_30, ...options });
  const printed = await new Response(pipeline.bytes).text();
  return { printed, fault: await pipeline.ended() };
}

const sh = (script: string) => ["sh", "-c", script];

const CASES: readonly (readonly [string, string[][], { printed?: string; fault?: string | RegExp }])[] = [
  ["one program", [["printf", "%s", "a b;c"]], { printed: "a b;c" }],
  ["three stages", [["printf", "b\na\n"], ["sort"], ["head", "-n1"]], { printed: "a\n" }],
  ["no shell looks at arguments", [["printf", "%s", "$HOME `id` *"]], { printed: "$HOME `id` *" }],
  ["a program that fails", [sh("echo x; exit 3")], { printed: "x\n", fault: "sh ended with 3" }],
  ["what it says of it", [sh("echo one >&2; echo two >&2; exit 1")], { fault: "sh ended with 1: one; two" }],
  ["the first stage fails", [sh("exit 4"), ["cat"]], { fault: "stage 1 (sh) ended with 4" }],
  ["the middle stage fails", [["true"], sh("cat; exit 5"), ["cat"]], { fault: "stage 2 (sh) ended with 5" }],
  ["the last stage fails", [["true"], sh("cat; exit 6")], { fault: "stage 2 (sh) ended with 6" }],
  ["two fail", [sh("exit 1"), sh("exit 2")], {
    fault: "stage 1 (sh) ended with 1; stage 2 (sh) ended with 2",
  }],
  ["one is killed", [sh("printf half; kill -9 $$")], { printed: "half", fault: "sh was killed by SIGKILL" }],
  ["no such program", [["/no/such/program"]], {
    printed: "",
    fault: "/no/such/program cannot be started: there is no such program",
  }],
  ["no such second program", [["yes"], ["/no/such"]], {
    printed: "",
    fault: /^stage 2 \(\/no\/such\) cannot be/,
  }],
  ["the next reads no more", [["yes"], ["head", "-n1"]], {
    printed: "y\n",
    fault: "stage 1 (yes) was killed by SIGPIPE",
  }],
];

for (const [name, stages, { printed, fault }] of CASES) {
  Deno.test(`a pipeline and its faults: ${name}`, async () => {
    const ran = await run(stages);
    if (printed !== undefined) assert.equal(ran.printed, printed);
    if (fault instanceof RegExp) assert.match(ran.fault!, fault);
    else assert.equal(ran.fault, fault);
  });
}

Deno.test("programs see the environment that they are given beside that of this process", async () => {
  const { printed } = await run([sh('printf "$SECRET $PATH"')], { env: { SECRET: "s3cret" } });
  assert.equal(printed, `s3cret ${Deno.env.get("PATH")}`);
});

Deno.test("a program that takes too long is killed with what it started", async () => {
  const { fault } = await run([sh("sleep 600 & sleep 600; echo never")], { timeoutMs: 300 });
  assert.equal(fault, "it took longer than 300ms and was killed");
});

Deno.test("what is disposed of before its end is killed", async () => {
  const pipeline = new Pipeline([sh("echo $$; exec sleep 600")], { env: {}, timeoutMs: SECONDS_30 });
  const reader = pipeline.bytes.getReader();
  const pid = Number(new TextDecoder().decode((await reader.read()).value));
  pipeline[Symbol.dispose]();
  await reader.cancel();
  await pipeline.ended();
  assert.throws(() => Deno.kill(pid, "SIGCONT"), Deno.errors.NotFound);
});

Deno.test("a program that no one reads from waits: the pipeline holds no more than some pieces", async () => {
  using pipeline = new Pipeline([["yes"], ["cat"], ["cat"]], { env: {}, timeoutMs: SECONDS_30 });
  const reader = pipeline.bytes.getReader();
  let read = 0;
  while (read < 50_000_000) read += (await reader.read()).value!.length;
  assert.ok(read < 51_000_000);
  await reader.cancel();
});
