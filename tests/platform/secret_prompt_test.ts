import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const PROMPT = new URL("../../src/platform/secret_prompt.ts", import.meta.url);

/** Runs words in a terminal of its own, types a line when it is asked, and prints all that the terminal showed. */
const TERMINAL = `
import os, pty, sys
typed, words = sys.argv[1].encode(), sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(words[0], words)
shown = b""
while True:
    try:
        piece = os.read(terminal, 1024)
    except OSError:
        break
    if not piece:
        break
    shown += piece
    if typed and b"Secret?" in shown:
        os.write(terminal, typed)
        typed = b""
os.waitpid(pid, 0)
sys.stdout.buffer.write(shown)
`;

/** Standard input and output of the one who asks are no terminal. */
const ASK = `import { askSecretly } from ${JSON.stringify(PROMPT.href)};
const secret = await askSecretly("Secret? ", new AbortController().signal);
Deno.writeTextFileSync(Deno.args[0], JSON.stringify(secret) ?? "undefined");`;

async function ask(typed: string): Promise<{ shown: string; secret: string }> {
  const directory = await Deno.makeTempDir({ prefix: "vaultik-prompt-" });
  try {
    const [script, answer] = [`${directory}/ask.ts`, `${directory}/answer`];
    await Deno.writeTextFile(script, ASK);
    const words = `exec '${Deno.execPath()}' run -A --no-check --no-config '${script}' '${answer}'`;
    const { stdout, stderr } = await new Deno.Command("python3", {
      args: ["-c", TERMINAL, typed, "/bin/sh", "-c", `${words} 3>&1 < /dev/null > ${directory}/out 2>&1`],
      cwd: fileURLToPath(new URL("../../", import.meta.url)),
    }).output();
    const failure = new TextDecoder().decode(stderr);
    const out = await Deno.readTextFile(`${directory}/out`);
    const secret = await Deno.readTextFile(answer).catch(() => `nothing: ${failure}${out}`);
    return { shown: new TextDecoder().decode(stdout), secret };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("a secret is asked for at the terminal wherever output goes, and is not shown", async () => {
  const { shown, secret } = await ask("huntex\x7fr2 é\n");
  assert.equal(secret, '"hunter2 é"');
  assert.equal(shown, "Secret? \r\n");
});

Deno.test("a line that is erased is typed again", async () => {
  assert.equal((await ask("wrong\x15right\n")).secret, '"right"');
});
