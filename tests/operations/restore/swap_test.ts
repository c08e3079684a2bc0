import { isPortable } from "../../../src/platform/libc.ts";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { isExpected } from "../../../src/base/exit_codes.ts";
import { listTree } from "../../fixtures/tree.ts";
import { Machine } from "../machine.ts";

const ROUNDS = 1000;
const UNPRIVILEGED = 65534;
const isRoot = Deno.uid() === 0;

/** A process of another user that swaps `path` for a link to `outside` and back, all the time. */
class Attacker implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;

  constructor(path: string, outside: string) {
    const script = fileURLToPath(new URL("./swap.py", import.meta.url));
    this.#child = new Deno.Command("python3", {
      args: [script, path, outside],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
  }

  /** Ends it; how often it has swapped. */
  async stop(): Promise<number> {
    await this.#child.stdin.close();
    return Number(new TextDecoder().decode((await this.#child.output()).stdout));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill();
    } catch {
      // It has ended.
    }
    await this.#child.status;
  }
}

const ATTACKS: [what: string, path: (target: string) => string][] = [
  ["the target", (target) => target],
  ["a directory below the target", (target) => `${target}/tmp`],
];

for (const [what, pathOf] of ATTACKS) {
  Deno.test({
    name: `whoever swaps ${what} for a link, again and again, has nothing written elsewhere (as root)`,
    // Without directories that are held open it is not prevented: docs/platforms.md.
    ignore: !isRoot || isPortable,
    async fn() {
      await using machine = await Machine.make();
      for (let i = 0; i < 60; i++) machine.write(`d${i % 12}/file-${i}`);
      Deno.symlinkSync("file-1", `${machine.data}/d1/link`);
      const backup = await machine.backUp();
      // What a restore would find behind the link: the same directories, of another owner's.
      const outside = `${machine.directory}/outside`;
      for (const below of ["", "/tmp"]) {
        const inside = machine.data.replace(/^\/tmp/, "");
        for (let i = 0; i < 12; i++) Deno.mkdirSync(`${outside}${below}${inside}/d${i}`, { recursive: true });
      }
      Deno.writeTextFileSync(`${outside}/secret`, "secret", { mode: 0o600 });
      const open = `${machine.directory}/open`;
      Deno.mkdirSync(open);
      Deno.chmodSync(machine.directory, 0o755);
      const before = await listTree(outside);
      let rounds = 0;
      for (let i = 0; rounds < ROUNDS; i++) {
        const target = `${open}/${i}`;
        Deno.mkdirSync(target);
        for (const path of [open, target]) Deno.chownSync(path, UNPRIVILEGED, UNPRIVILEGED);
        await using attacker = new Attacker(pathOf(target), outside);
        // The target may be a link just when it is opened: then it is one that its owner has chosen, or not empty.
        await machine.restore(backup, { target, writers: 2 }).catch((error) => {
          assert.ok(isExpected(error), error);
        });
        rounds += await attacker.stop();
        assert.deepEqual(await listTree(outside), before);
      }
    },
  });
}
