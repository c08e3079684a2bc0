import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

// The progress line on a real terminal, which is made wider and narrower while it is drawn. VAULTIK_UPDATE_GOLDEN=1 writes the captures again.

const GOLDEN = new URL("../golden/progress/tmux.txt", import.meta.url);
const SCREEN = fileURLToPath(new URL("../fixtures/progress_screen.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));
const WIDTHS = [80, 40, 200, 40, 80];
const HEIGHT = 8;
/** A line that was being drawn while the terminal changed may leave a part of itself above. */
const lastLine = (screen: string) => screen.split("\n").at(-1)!;
/** Nothing is measured: this only ends a test that hangs. */
const ATTEMPTS = 300;

const hasTmux = await new Deno.Command("tmux", { args: ["-V"] }).output().then(
  ({ success }) => success,
  () => false,
);

class Tmux implements AsyncDisposable {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  async run(...args: string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("tmux", {
      args: ["-u", "-f", "/dev/null", "-S", this.#socket, ...args],
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  }

  /** What is to be seen once `isRight` says so; the last that was seen where it never does. */
  async seen(isRight: (screen: string) => boolean): Promise<string> {
    let screen = "";
    for (let i = 0; i < ATTEMPTS; i++) {
      screen = (await this.run("capture-pane", "-p")).trimEnd();
      if (isRight(screen)) return screen;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return screen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.run("kill-server").catch(() => {}); // it ends with its last window
  }
}

Deno.test({
  name: `a terminal that is made narrower and wider shows the progress line that fits${
    hasTmux ? "" : " (skipped: there is no tmux)"
  }`,
  ignore: !hasTmux,
  async fn() {
    const directory = await Deno.makeTempDir({ prefix: "vaultik-tmux-" });
    try {
      await using tmux = new Tmux(`${directory}/socket`);
      const command =
        `'${Deno.execPath()}' run -A --quiet --no-check --config '${CONFIG}' '${SCREEN}' '${directory}/stop'; sleep 600`;
      const size = ["-x", String(WIDTHS[0]), "-y", String(HEIGHT)];
      await tmux.run("new-session", "-d", ...size, command);
      const expected = Deno.env.get("VAULTIK_UPDATE_GOLDEN") === undefined
        ? (await Deno.readTextFile(GOLDEN)).split("\n")
        : undefined;
      const captured: string[] = [];
      for (const [i, width] of WIDTHS.entries()) {
        await tmux.run("resize-window", "-x", String(width), "-y", String(HEIGHT));
        const isRight = (screen: string) => expected === undefined || lastLine(screen) === expected[i];
        if (expected === undefined) await new Promise((resolve) => setTimeout(resolve, 3000));
        captured.push(lastLine(await tmux.seen(isRight)));
      }
      if (expected === undefined) await Deno.writeTextFile(GOLDEN, captured.join("\n") + "\n");
      else assert.deepEqual(captured, expected.slice(0, -1));
      await Deno.writeTextFile(`${directory}/stop`, "");
      assert.equal(lastLine(await tmux.seen((screen) => lastLine(screen) === "done")), "done");
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
});
