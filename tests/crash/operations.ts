import { atLeast } from "../../src/base/at_least.ts";
import { backupOptions } from "../../src/cli/backup_options.ts";
import { chooseSnapshots } from "../../src/cli/choose_snapshots.ts";
import { errorText } from "../../src/cli/error_text.ts";
import { Output } from "../../src/cli/output.ts";
import { openForBackup, readConfig } from "../../src/cli/session.ts";
import { exitCodeOf } from "../../src/base/exit_codes.ts";
import { pathOf } from "../../src/model/path.ts";
import { backUp } from "../../src/operations/backup/backup.ts";
import { type Ran, testIo } from "../cli/in_process.ts";
import { boots, real } from "./deno_calls.ts";
import { differenceOf, isThere, type Scene } from "./scene.ts";

/** Something that Vaultik does to a disk, and what must be true of it when it was done. */
export interface Operation {
  readonly name: string;
  /** Makes the disk on which it works. */
  readonly before: (scene: Scene) => Promise<void>;
  readonly run: (scene: Scene) => Promise<Ran>;
  /** The snapshots that it takes away; all others stay, whatever happens to it. */
  readonly removes?: (scene: Scene) => readonly string[];
  /** What is not as it should be after it has ended well. */
  readonly check?: (scene: Scene) => Promise<string | undefined>;
  /** Snapshots that are there before are damaged: it is there to heal them. */
  readonly heals?: boolean;
}

const command = (...argv: string[]) => (scene: Scene) => scene.run(...argv);

/** Two snapshots of different data. */
async function twice(scene: Scene): Promise<void> {
  await scene.create();
  change(scene);
  await scene.create();
}

function change(scene: Scene): void {
  scene.write("z", "changed");
  scene.write("d/new", "new contents ".repeat(300));
}

const oldest = (scene: Scene) => [...scene.made.keys()].slice(0, 1);

/** A run of the daemon, which knows what has changed. */
async function daemonRun(scene: Scene): Promise<Ran> {
  const { io, printed } = testIo();
  using output = new Output(io, { quiet: true });
  try {
    const { config } = await readConfig({ config: `${scene.directory}/config.yml` }, io, output);
    const [snapshot] = atLeast(1, chooseSnapshots(config, []));
    await using tools = await openForBackup(config, io, output);
    const changes = { directories: [`${scene.data}/d`, scene.data].map(pathOf), subtrees: [] };
    await backUp(tools, { ...backupOptions(config, snapshot), changes });
    return { code: 0, ...printed };
  } catch (error) {
    return {
      code: exitCodeOf(error),
      ...printed,
      stderr: printed.stderr + errorText(error, { verbose: false }),
    };
  }
}

async function targetIs(scene: Scene): Promise<string | undefined> {
  const latest = [...scene.made.keys()].at(-1)!;
  const found = isThere(scene.target + scene.data) ? scene.tree(scene.target + scene.data) : "";
  return await Promise.resolve(differenceOf(found, scene.made.get(latest)!));
}

let bootOfTarget = 0;

/**
 * What has been restored but for what was said is made right by `--overwrite`. No one waits for the disk at the end of a restore: where the power
 * was lost after it, the times of files tell nothing.
 */
const restoreTo = (...flags: string[]) => (scene: Scene) => {
  const { target, key } = scene;
  const hasEnded = isThere(target) && !isThere(`${target}/.vaultik-restore`) &&
    [...real.readDirSync(target)].length > 0;
  const wasLost = bootOfTarget !== boots.count;
  bootOfTarget = boots.count;
  const more = hasEnded && wasLost
    ? ["--overwrite", "always"]
    : hasEnded && flags.length === 0
    ? ["--overwrite", "if-changed"]
    : flags;
  return scene.run("restore", "latest", target, "--identity", key, "--quiet", ...more);
};

const RESTORED = { check: targetIs };

/** The file that `path` names is whole. */
const isWhole = (name: string, pattern: RegExp) => (scene: Scene) => {
  const path = `${scene.disk}/${name}`;
  const text = isThere(path) ? new TextDecoder().decode(real.readFileSync(path)) : "";
  return Promise.resolve(pattern.test(text) ? undefined : `${path} is ${JSON.stringify(text.slice(0, 200))}`);
};

export const OPERATIONS: readonly Operation[] = [
  {
    name: "snapshot create, the first",
    before: async () => {},
    run: command("snapshot", "create", "--quiet"),
  },
  {
    name: "snapshot create, after changes",
    before: async (scene) => {
      await scene.create();
      change(scene);
    },
    run: command("snapshot", "create", "--quiet"),
  },
  {
    name: "a run of the daemon",
    before: async (scene) => {
      await scene.create();
      change(scene);
    },
    run: daemonRun,
  },
  { name: "restore", before: twice, run: restoreTo(), ...RESTORED },
  {
    name: "restore --overwrite, over older files",
    before: async (scene) => {
      await scene.create();
      await scene.ok("restore", "latest", scene.target, "--identity", scene.key);
      change(scene);
      await scene.create();
    },
    run: restoreTo("--overwrite", "if-changed"),
    ...RESTORED,
  },
  {
    name: "snapshot remove",
    before: twice,
    run: async (scene) => {
      const [id] = atLeast(1, oldest(scene));
      const ran = await scene.run("snapshot", "remove", id, "--force", "--quiet");
      const isGone = ran.code === 4 && !(await scene.list()).some((listed) => listed.id === id);
      return isGone ? { code: 0, stdout: "", stderr: "" } : ran;
    },
    removes: oldest,
  },
  {
    name: "snapshot purge",
    before: twice,
    run: command("snapshot", "purge", "--keep-latest", "--force", "--quiet"),
    removes: oldest,
  },
  {
    name: "prune",
    before: async (scene) => {
      await twice(scene);
      const [id] = atLeast(1, oldest(scene));
      await scene.ok("snapshot", "remove", id, "--force");
      scene.made.delete(id);
    },
    run: command("prune", "--force", "--quiet"),
  },
  {
    name: "copy",
    before: twice,
    run: (scene) => scene.run("copy", "--to", `file://${scene.second}`, "--create", "--quiet"),
    check: async (scene) =>
      (await scene.list(scene.second)).length === scene.made.size
        ? undefined
        : "not all snapshots are copied",
  },
  {
    name: "repair",
    before: async (scene) => {
      await scene.create();
      scene.write("d/new", "new contents ".repeat(300));
      await scene.create();
      const blobs = `${scene.store}/hosts/${[...real.readDirSync(`${scene.store}/hosts`)][0]!.name}/blobs`;
      real.removeSync(blobs, { recursive: true });
    },
    run: async (scene) => {
      const ran = await scene.run("repair", "--quiet");
      // It says what was lost.
      return { ...ran, stderr: ran.code === 0 ? "" : ran.stderr };
    },
    heals: true,
  },
  {
    name: "index rebuild",
    before: async (scene) => {
      await twice(scene);
      await scene.ok("database", "purge", "--force");
    },
    run: (scene) => scene.run("index", "rebuild", "--identity", scene.key, "--quiet"),
  },
  {
    name: "index rebuild, without its keys",
    before: async (scene) => {
      await twice(scene);
      real.removeSync(`${scene.disk}/index`, { recursive: true });
    },
    run: (scene) => scene.run("index", "rebuild", "--identity", scene.key, "--quiet"),
  },
  { name: "snapshot prune", before: twice, run: command("snapshot", "prune", "--quiet") },
  { name: "snapshot pin", before: twice, run: command("snapshot", "pin", "latest", "--quiet") },
  {
    name: "keygen",
    before: async (scene) => void await scene.create(),
    run: async (scene) => {
      const ran = await scene.run("keygen", "--output", `${scene.disk}/new-key.txt`);
      // A second time it is refused, as it should be.
      const isAgain = ran.code === 2 && ran.stderr.includes("is there already");
      return isAgain || ran.code === 0 ? { code: 0, stdout: "", stderr: "" } : ran;
    },
    check: isWhole("new-key.txt", /^AGE-SECRET-KEY-1[A-Z0-9]{58}\n$/m),
  },
  {
    name: "init",
    before: async (scene) => void await scene.create(),
    run: async ({ disk }) => {
      const { vaultik } = await import("../cli/in_process.ts");
      const { stderr, ...ran } = await vaultik(["--config", `${disk}/etc/new.yml`, "init", "--force"]);
      return { ...ran, stderr: ran.code === 0 ? "" : stderr };
    },
    check: isWhole("etc/new.yml", /^snapshots:[^]*\n$/m),
  },
];
