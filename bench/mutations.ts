import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Defence, DEFENCES } from "./defences.ts";

// Takes one defence after the other out of a copy of the tree and runs the test that shows it, which must fail then, and must pass with
// the defence. Prints a table; ends with 1 where a defence can go without a test that notices, or its text is not found any more.
// With words only defences that have one of them in their names.

const ROOT = fileURLToPath(new URL("..", import.meta.url));

async function output(
  program: string,
  args: string[],
  cwd: string,
): Promise<{ success: boolean; text: string }> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd,
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  return { success, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

async function copyTree(target: string): Promise<void> {
  const { text } = await output(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    ROOT,
  );
  for (const name of text.split("\0").filter((name) => name !== "")) {
    await Deno.mkdir(dirname(join(target, name)), { recursive: true });
    await Deno.copyFile(join(ROOT, name), join(target, name));
  }
}

/** `source` without the defence; `undefined` where its text is not there exactly once. */
export function withoutDefence(source: string, { text, becomes }: Defence): string | undefined {
  const at = source.indexOf(text);
  if (at < 0 || source.indexOf(text, at + 1) >= 0) return undefined;
  return source.slice(0, at) + becomes + source.slice(at + text.length);
}

/** How many tests passed and failed. A file that does not even load is no proof: it throws. */
async function runTest(tree: string, { test }: Defence): Promise<{ passed: number; failed: number }> {
  const args = ["test", "-A", "--no-prompt", "--no-check", test.file];
  if (test.filter !== undefined) args.push("--filter", test.filter);
  const { text } = await output(Deno.execPath(), args, tree);
  const counts = /(\d+) passed.*\| (\d+) failed/.exec(text);
  if (counts === null) throw new Error(`${test.file} did not run:\n${text.slice(-2000)}`);
  return { passed: Number(counts[1]), failed: Number(counts[2]) };
}

async function survives(tree: string, defence: Defence, sound: ReadonlySet<string>): Promise<string> {
  const path = join(tree, defence.file);
  const source = await Deno.readTextFile(path);
  const mutated = withoutDefence(source, defence);
  if (mutated === undefined) return "NOT FOUND";
  if (!sound.has(JSON.stringify(defence.test))) return "FAILS WITH IT";
  await Deno.writeTextFile(path, mutated);
  try {
    const { failed } = await runTest(tree, defence);
    return failed > 0 ? `dies (${failed})` : "SURVIVES";
  } finally {
    await Deno.writeTextFile(path, source);
  }
}

async function main(words: readonly string[]): Promise<number> {
  const chosen = DEFENCES.filter(({ what }) =>
    words.length === 0 || words.some((word) => what.includes(word))
  );
  const tree = await Deno.makeTempDir({ prefix: "vaultik-mutations-" });
  try {
    await copyTree(tree);
    const sound = new Set<string>();
    for (
      const defence of new Map(chosen.map((defence) => [JSON.stringify(defence.test), defence])).values()
    ) {
      const { passed, failed } = await runTest(tree, defence);
      if (passed > 0 && failed === 0) sound.add(JSON.stringify(defence.test));
    }
    let alive = 0;
    for (const defence of chosen) {
      const outcome = await survives(tree, defence, sound);
      if (!outcome.startsWith("dies")) alive++;
      console.log(`${outcome.padEnd(14)} ${defence.what.padEnd(66)} ${defence.test.file}`);
    }
    console.log(`${chosen.length} defences, ${alive} without a test that notices`);
    return alive === 0 ? 0 : 1;
  } finally {
    await Deno.remove(tree, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
