import { join } from "node:path";
import { parseArgs } from "node:util";
import { dropCaches, measure, type Measured, settle } from "./measure.ts";
import {
  makeFioFile,
  makeLargeFile,
  makeLinkedTree,
  makeSmallFiles,
  makeWideDirectory,
} from "./mount_trees.ts";
import { namedProgram } from "./program.ts";
import { RunningMount } from "./running_mount.ts";
import { Vaultik } from "./tools.ts";
import { inScratch } from "./scratch.ts";

const HELP = `What programs get from a mount of a store in a directory. Needs root, rsync and fio.

  --part NAME        equal, large, random, grep, verify, wide; may be given several times (default: all)
  --files N          of the tree that rsync compares (default 100,000)
  --large MIB        the file that is read from one end to the other (default 1,024)
  --random MIB       the file that is read at random (default 10,240)
  --small N          files that grep reads (default 10,000)
  --wide N           entries of one directory (default 1,000,000)
  --binary PATH      the program (default: dist/vaultik, else its source)
  --work DIR         for all that is written, on the disk to measure (default: /tmp)
`;
const PARTS = ["equal", "large", "random", "grep", "verify", "wide"] as const;
type Part = typeof PARTS[number];
const RANDOM_READS = 500;
const VERIFY_MIB = 512;
const READERS = 4;

const { values } = parseArgs({
  args: Deno.args,
  options: {
    part: { type: "string", multiple: true, default: [...PARTS] },
    files: { type: "string", default: "100000" },
    large: { type: "string", default: "1024" },
    random: { type: "string", default: "10240" },
    small: { type: "string", default: "10000" },
    wide: { type: "string", default: "1000000" },
    binary: { type: "string" },
    work: { type: "string", default: "/tmp" },
    help: { type: "boolean" },
  },
});

/** A tree, what was backed up of it, and how to mount that with nothing in memory of it. */
interface Backed {
  readonly tree: string;
  mount(): Promise<RunningMount>;
}

const MAKE: Readonly<Record<Part, (tree: string) => void | Promise<void>>> = {
  equal: (tree) => makeLinkedTree(tree, Number(values.files)),
  large: (tree) => makeLargeFile(join(tree, "file"), Number(values.large)),
  random: (tree) => makeLargeFile(join(tree, "file"), Number(values.random)),
  grep: (tree) => makeSmallFiles(tree, Number(values.small)),
  verify: (tree) => makeFioFile(join(tree, "file"), VERIFY_MIB),
  wide: (tree) => makeWideDirectory(tree, Number(values.wide)),
};

const MEASURE: Readonly<Record<Part, (backed: Backed) => Promise<void>>> = {
  async equal({ tree, mount }) {
    await using mounted = await mount();
    const inMount = `${mounted.path}${tree}`;
    const compared = await differences(inMount, tree);
    const copied = await measure(["rsync", "-aHAX", `${inMount}/`, `${tree}-copy/`]);
    // The other way round names of one file are compared too: rsync makes links where the source has them.
    const others = [await differences(tree, inMount), await differences(tree, `${tree}-copy`)];
    const found = [compared, ...others].map(({ stdout }) => stdout).join("").trim();
    say(
      "rsync -aHAX --checksum from the mount",
      `${seconds(compared)}, ${found === "" ? "equal" : "DIFFERENT"}`,
    );
    say("rsync -aHAX of all to a disk", seconds(copied));
    if (found !== "") throw new Error(`The mount is another tree:\n${found.slice(0, 2000)}`);
    sayMemory(mounted);
  },

  async large({ tree, mount }) {
    await using mounted = await mount();
    const file = `${mounted.path}${tree}/file`;
    for (const what of ["cold", "in the kernel's cache"]) {
      const { wallSeconds } = await measure(["dd", `if=${file}`, "of=/dev/null", "bs=1M", "status=none"]);
      say(
        `${values.large} MiB from one end to the other, ${what}`,
        `${(Number(values.large) / wallSeconds).toFixed(0)} MiB/s`,
      );
    }
    await measure(["cmp", file, join(tree, "file")]);
    sayMemory(mounted);
  },

  async random({ tree, mount }) {
    await using mounted = await mount();
    const script = new URL("./random_reads.py", import.meta.url).pathname;
    const { stdout } = await measure([
      "python3",
      script,
      `${mounted.path}${tree}/file`,
      join(tree, "file"),
      String(RANDOM_READS),
    ]);
    const { median, most } = JSON.parse(stdout);
    say(
      `4 KiB at random in ${values.random} MiB, cold, of ${RANDOM_READS}`,
      `${median.toFixed(2)} ms median, ${most.toFixed(2)} ms most`,
    );
    sayMemory(mounted);
  },

  async grep({ tree, mount }) {
    const grep = async (root: string) =>
      (await measure(["sh", "-c", 'grep -r "no such line" "$1" || true', "sh", root])).wallSeconds;
    const coldAndWarm = async (root: string) => {
      // What the store's files and the program take to be read from the disk counts too.
      if (!await dropCaches()) say("caches of the disk", "cannot be dropped, so that nothing is cold");
      return { cold: await grep(root), again: await grep(root) };
    };
    const disk = await coldAndWarm(tree);
    await using mounted = await mount();
    const inMount = await coldAndWarm(`${mounted.path}${tree}`);
    for (const what of ["cold", "again"] as const) {
      const [there, here] = [inMount[what], disk[what]];
      say(
        `grep -r over ${values.small} small files, ${what}`,
        `${there.toFixed(2)} s, ${(there / here).toFixed(2)} of the disk's ${here.toFixed(2)} s`,
      );
    }
    sayMemory(mounted);
  },

  async verify({ tree, mount }) {
    await using mounted = await mount();
    const file = `${mounted.path}${tree}/file`;
    const fio = [
      "fio",
      "--name=verify",
      `--filename=${file}`,
      "--readonly",
      "--verify=crc32c",
      "--verify_fatal=1",
      "--verify_state_save=0",
      "--bs=64k",
      `--size=${VERIFY_MIB}m`,
    ];
    await measure([...fio, "--rw=read"]);
    await measure([...fio, "--rw=randread", `--numjobs=${READERS}`]);
    await Promise.all(Array.from({ length: READERS }, () => measure(["cmp", file, join(tree, "file")])));
    say(`fio, and ${READERS} readers at a time`, "no wrong byte");
    sayMemory(mounted);
  },

  async wide({ tree, mount }) {
    await using mounted = await mount();
    const directory = `${mounted.path}${tree}`;
    const names = await measure(["sh", "-c", 'ls -U "$1" | wc -l', "sh", directory]);
    if (Number(names.stdout) !== Number(values.wide)) throw new Error(`Only ${names.stdout} names are there`);
    say(`ls of a directory of ${values.wide} entries`, seconds(names));
    const stats = await measure(["sh", "-c", 'find "$1" -type f -size 0 | wc -l', "sh", directory]);
    if (Number(stats.stdout) !== Number(values.wide)) throw new Error(`Only ${stats.stdout} files are there`);
    say("find -type f -size 0 in it", seconds(stats));
    sayMemory(mounted);
  },
};

/** What rsync would do to make `other` what `source` is, a line each. */
function differences(source: string, other: string): Promise<Measured> {
  const compare = ["rsync", "-aHAX", "--checksum", "--delete", "--dry-run", "--itemize-changes"];
  return measure([...compare, `${source}/`, `${other}/`]);
}

function seconds({ wallSeconds }: Measured): string {
  return `${wallSeconds.toFixed(1)} s`;
}

function say(what: string, figure: string): void {
  console.log(`| ${what} | ${figure} |`);
}

function sayMemory(mounted: RunningMount): void {
  say("peak memory of the mount", `${(mounted.peakBytes / 2 ** 20).toFixed(0)} MiB`);
}

/** Makes a part's tree and backs it up. */
async function backUp(part: Part, work: string, program: readonly string[]): Promise<Backed> {
  const directory = join(work, part);
  const tree = join(directory, "tree");
  await Deno.mkdir(tree, { recursive: true });
  await MAKE[part](tree);
  const vaultik = new Vaultik({ directory, tree, s3: undefined }, program);
  await vaultik.prepare();
  await vaultik.backUp();
  return {
    tree,
    async mount() {
      await settle(vaultik.repository);
      return await RunningMount.start(vaultik.mountCommand, join(directory, "mount"));
    },
  };
}

if (values.help) {
  console.log(HELP);
} else {
  const program = namedProgram(values.binary);
  console.log("| | |\n| --- | ---: |");
  for (const part of PARTS.filter((part) => values.part.includes(part))) {
    await inScratch(values.work, "mount", async (work) => {
      await MEASURE[part](await backUp(part, work, program));
    });
  }
}
