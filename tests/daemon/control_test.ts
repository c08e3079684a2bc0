import assert from "node:assert/strict";
import { EnvironmentError, NotFoundError, UnavailableError } from "../../src/base/errors.ts";
import { askRunNow, askStatus, serveControl } from "../../src/daemon/control.ts";
import { beOnlyDaemon } from "../../src/daemon/only_one.ts";
import { Simulated } from "./simulated.ts";

async function inDirectory(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "vaultik-control-" });
  try {
    await work(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const status = () => ({ ...new Simulated().daemon.status(), pid: 7 });
const signal = new AbortController().signal;

Deno.test("the socket is its owner's alone, answers, and is gone afterwards", async () => {
  await inDirectory(async (directory) => {
    const path = `${directory}/socket`;
    {
      await using _control = serveControl(path, { status, runNow: () => Promise.resolve("failed" as const) });
      assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
      assert.equal((await askStatus(path)).pid, 7);
      assert.equal(await askRunNow(path, true, signal), "failed");
      assert.equal(await askRunNow(path, false, signal), undefined, "accepted");
    }
    await assert.rejects(askStatus(path), NotFoundError);
  });
});

Deno.test("a socket that was left behind is none", async () => {
  await inDirectory(async (directory) => {
    const path = `${directory}/socket`;
    const script = `Deno.listen({ transport: "unix", path: "${path}" }); Deno.exit()`;
    await new Deno.Command(Deno.execPath(), { args: ["eval", "--quiet", script] }).output();
    assert.ok(Deno.lstatSync(path).isSocket);
    await assert.rejects(askStatus(path), NotFoundError);
    await using _control = serveControl(path, { status, runNow: () => Promise.resolve("complete" as const) });
    assert.equal((await askStatus(path)).pid, 7);
  });
});

Deno.test("nonsense and people who hang up do no harm", async () => {
  await inDirectory(async (directory) => {
    const path = `${directory}/socket`;
    await using _control = serveControl(path, { status, runNow: () => Promise.resolve("complete" as const) });
    for (const text of ["", "\n", "nonsense\n", '{"command":"format-disk"}\n', "x".repeat(10_000)]) {
      using connection = await Deno.connect({ transport: "unix", path });
      await connection.write(new TextEncoder().encode(text));
    }
    assert.equal((await askStatus(path)).pid, 7);
  });
});

Deno.test("who waits for a run when the daemon ends gets an answer", async () => {
  await inDirectory(async (directory) => {
    const path = `${directory}/socket`;
    const asked = Promise.withResolvers<void>();
    const control = serveControl(path, {
      status,
      runNow: () => {
        asked.resolve();
        return new Promise(() => {});
      },
    });
    const waiting = assert.rejects(askRunNow(path, true, signal), UnavailableError);
    await asked.promise;
    await control[Symbol.asyncDispose]();
    await waiting;
  });
});

Deno.test("a path that is too long for a socket is said to be", () => {
  const path = `/tmp/${"x".repeat(120)}`;
  const control = { status, runNow: () => Promise.resolve("complete" as const) };
  assert.throws(() => serveControl(path, control), /at most 107 bytes; choose a shorter index_path/);
});

Deno.test("only one daemon is on an index at a time", async () => {
  await inDirectory(async (directory) => {
    const index = `${directory}/state/index.sqlite`;
    {
      using _first = await beOnlyDaemon(index);
      await assert.rejects(beOnlyDaemon(index), EnvironmentError);
      assert.equal(Deno.statSync(`${directory}/state`).mode! & 0o777, 0o700);
    }
    (await beOnlyDaemon(index))[Symbol.dispose]();
  });
});
