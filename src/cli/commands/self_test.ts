import { join, resolve } from "node:path/posix";
import { EnvironmentError, UsageError } from "../../base/errors.ts";
import { exitCodeOf } from "../../base/exit_codes.ts";
import { firstDifference } from "../../operations/compare_trees.ts";
import { type CommandSpec, flag } from "../command.ts";
import { errorText } from "../error_text.ts";
import type { Io } from "../io.ts";
import { changeSampleTree, makeSampleTree } from "../sample_tree.ts";
import { init } from "./init.ts";
import { keygen } from "./keygen.ts";
import { restore } from "./restore.ts";
import { snapshotCreate } from "./snapshot_create.ts";
import { snapshotVerify } from "./snapshot_verify.ts";

interface SelfTestOptions {
  readonly directory?: string;
}

/** One thing that is checked: what is said of it, and a check that throws where it does not hold. */
interface Step {
  readonly what: string;
  check(): Promise<void>;
}

export const selfTest: CommandSpec<SelfTestOptions> = {
  usage: "self-test",
  summary: "Back up, restore and compare a small tree, to see that this works on this machine",
  details:
    "All of it is in a new directory, with a configuration, key, index and store of its own, and is removed at the end. " +
    "Your configuration, index and store are neither read nor written.",
  options: [flag("--directory <dir>", "where the new directory is made (default: TMPDIR, or /tmp)")],
  example: "vaultik self-test",

  async run({ options, io }) {
    const dir = options.directory === undefined ? undefined : resolve(Deno.cwd(), options.directory);
    const scratch = await makeScratch(dir);
    io.stdout(`Self-test in ${scratch}\n`);
    try {
      for (const step of steps(scratch, io)) if (!await holds(step, io)) return 1;
    } finally {
      await Deno.remove(scratch, { recursive: true });
    }
    io.stdout("Passed. The directory was removed.\n");
    return 0;
  },
};

async function makeScratch(dir: string | undefined): Promise<string> {
  try {
    return await Deno.realPath(await Deno.makeTempDir({ dir, prefix: "vaultik-self-test-" }));
  } catch (cause) {
    const where = dir === undefined ? "the directory for temporary files" : JSON.stringify(dir);
    throw new EnvironmentError(`Cannot make a directory in ${where}; choose another with --directory`, {
      cause,
    });
  }
}

async function holds({ what, check }: Step, io: Io): Promise<boolean> {
  io.signal.throwIfAborted();
  try {
    await check();
    io.stdout(`  ok      ${what}\n`);
    return true;
  } catch (error) {
    io.signal.throwIfAborted();
    io.stdout(`  FAILED  ${what}\n`);
    io.stderr(errorText(error, { verbose: false }));
    return false;
  }
}

function steps(scratch: string, io: Io): Step[] {
  const at = (name: string) => join(scratch, name);
  const paths = { at, config: at("config.yml"), key: at("key.txt"), tree: at("tree") };
  return [...backupSteps(paths, io), ...restoreSteps(paths, io)];
}

/** Files of the test, and where others can be made. */
interface TestPaths {
  readonly at: (name: string) => string;
  readonly config: string;
  readonly key: string;
  readonly tree: string;
}

function backupSteps({ at, config, key, tree }: TestPaths, io: Io): Step[] {
  const create = () => run(snapshotCreate, { config, quiet: true }, io, [[]]);
  return [
    {
      what: "a configuration and a key pair are made",
      async check() {
        await makeSampleTree(tree);
        const storageUrl = `file://${at("store")}`;
        await run(init, { config, keygen: true, identityOut: key, storageUrl, path: [tree] }, io);
        await Deno.writeTextFile(config, `index_path: ${JSON.stringify(at("index.sqlite"))}\n`, {
          append: true,
        });
      },
    },
    { what: "files of each kind are backed up, without the secret key", check: create },
    {
      what: "what changed since then is backed up",
      async check() {
        await changeSampleTree(tree);
        await create();
      },
    },
    {
      what: "everything in the store opens and has the right hash",
      check: () => run(snapshotVerify, { config, identity: [key], deep: true }, io, [[]]),
    },
  ];
}

function restoreSteps({ at, config, key, tree }: TestPaths, io: Io): Step[] {
  const restored = at("restored");
  const wanted = { config, owner: true, retrieveDays: 7 };
  return [
    {
      what: "the snapshot is restored",
      check: () => run(restore, { ...wanted, identity: [key] }, io, ["latest", restored, []]),
    },
    {
      what: "names, modes, owners, times, links and every byte are the same",
      async check() {
        const { difference } = await firstDifference(tree, join(restored, tree));
        if (difference !== undefined) throw new Error(`The restored tree differs: ${difference}`);
      },
    },
    {
      what: "another key opens nothing",
      async check() {
        const other = at("other.txt");
        await run(keygen, { output: other }, io);
        await isRefused(() =>
          run(restore, { ...wanted, identity: [other] }, io, ["latest", at("opened"), []])
        );
      },
    },
  ];
}

/** Throws unless `work` is refused because of its key; any other failure is passed on. */
async function isRefused(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (exitCodeOf(error) === exitCodeOf(new UsageError(""))) return;
    throw error;
  }
  throw new Error("A key that was made after the backup has restored it");
}

/** Runs a command as its user would; what it prints is in the error where it fails. */
async function run<Options>(
  command: CommandSpec<Options>,
  options: Options & { readonly config?: string },
  io: Io,
  args: readonly unknown[] = [],
): Promise<void> {
  let said = "";
  const say = (text: string) => void (said += text);
  const quiet: Io = { ...io, stdout: say, stderr: say, isTerminal: { stdout: false, stderr: false } };
  const code = await command.run({ args, options, io: quiet });
  if (code !== 0) {
    throw new Error(`vaultik ${command.usage.split(" ")[0]} ended with exit code ${code}: ${said.trim()}`);
  }
}
