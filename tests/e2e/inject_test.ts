import assert from "node:assert/strict";
import { listTree } from "../fixtures/tree.ts";
import { BINARY, hasProgram, programWords, Scene } from "./vaultik.ts";

// The executable from outside: the kernel's answer to one of its calls is replaced by an error, or the process is killed there. Which call that
// is, is counted in each thread. `VAULTIK_TEST_INJECT=all` does so at every call, one after the other; without it, one fault at the first call of each kind.

const CALLS = ["fsync", "linkat", "rename", "unlink", "mkdir", "pwrite64"];
const FAULTS = ["error=ENOSPC", "error=EIO", "signal=SIGKILL"];
const isAll = Deno.env.get("VAULTIK_TEST_INJECT") === "all";

/** Why it cannot be done here. */
function missing(): string | undefined {
  if (BINARY === undefined) return "VAULTIK_BINARY";
  if (!hasProgram("strace", "-f", "-e", "inject=fsync:error=EIO", "true")) return "strace that may trace";
  return undefined;
}

interface Injected {
  /** Whether there was such a call. */
  readonly isMet: boolean;
  readonly stderr: string;
}

/** Makes a snapshot in which `call` meets `fault` when a thread makes it for the `when`th time. */
async function createWith(scene: Scene, call: string, fault: string, when: number): Promise<Injected> {
  const log = scene.path("strace.log");
  const trace = ["-f", "-qq", "-o", log, "-e", `trace=${call}`, "-e", `inject=${call}:${fault}:when=${when}`];
  const args = [...trace, ...programWords(), "--config", scene.config, "snapshot", "create", "--quiet"];
  const { stderr } = await new Deno.Command("strace", { args, stdout: "null", stderr: "piped" }).output();
  const isMet = /\(INJECTED\)|killed by SIGKILL/.test(Deno.readTextFileSync(log));
  return { isMet, stderr: new TextDecoder().decode(stderr) };
}

/** Every snapshot that is listed is sound, and the next one has everything. */
async function assertSound(scene: Scene, what: string): Promise<void> {
  if ((await scene.list()).length > 0) await scene.ok("snapshot", "verify", "--quiet");
  await scene.create();
  assert.deepEqual(await scene.restored("latest"), await listTree(scene.tree), what);
  await scene.ok("index", "check");
}

const reason = missing();

Deno.test({
  name: "whatever the kernel answers the executable, or where it kills it, what is stored is sound" +
    (reason === undefined ? "" : ` (needs ${reason})`),
  ignore: reason !== undefined,
  fn: async () => {
    await using scene = await Scene.open();
    await Deno.writeTextFile(`${scene.tree}/file`, "contents");
    await scene.create();
    let points = 0;
    for (const [i, call] of CALLS.entries()) {
      for (const fault of isAll ? FAULTS : [FAULTS[i % FAULTS.length]]) {
        for (let at = 1; isAll || at === 1; at++) {
          await Deno.writeTextFile(`${scene.tree}/file`, `contents ${call} ${fault} ${at}`);
          const { isMet, stderr } = await createWith(scene, call, fault!, at);
          assert.doesNotMatch(stderr, /this is a bug/, `${call} ${fault} ${at}`);
          if (!isMet) break;
          points++;
          await assertSound(scene, `${call} ${fault} ${at}`);
        }
      }
    }
    assert.ok(points >= CALLS.length / 2, `${points} points`);
    if (isAll) console.log(`${points} points, no broken promise`);
  },
});
