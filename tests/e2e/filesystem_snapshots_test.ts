import assert from "node:assert/strict";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { inDirectory } from "../cli/in_process.ts";
import { hasProgram, isRoot, testWith, vaultik } from "./vaultik.ts";

// The examples of docs/hooks.md: that of btrfs on a file system of its own, those of LVM and ZFS with programs in the place of theirs that
// note what they are asked, in which order.

const KEYS = await generateKeyPair({ postQuantum: false });
const PAGE = await Deno.readTextFile(new URL("../../docs/hooks.md", import.meta.url));

/** The configuration below a heading, with other paths in the place of those of the page. */
function example(heading: string, places: Readonly<Record<string, string>>): string {
  const text = PAGE.slice(PAGE.indexOf(`### ${heading}\n`));
  const block = /\n\n((?: {4}.*\n|\n)+)/.exec(text)![1]!.replace(/^ {4}/gm, "");
  const pattern = new RegExp(Object.keys(places).map((place) => `${place}(?![\\w-])`).join("|"), "g");
  return block.replace(pattern, (place) => places[place]!);
}

class Host {
  readonly #env: Record<string, string>;
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
    this.#env = {
      PATH: `${directory}/bin:${Deno.env.get("PATH")}`,
      HOME: directory,
      DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
    };
  }

  async configure(snapshots: string): Promise<void> {
    await Deno.mkdir(`${this.directory}/state`, { recursive: true });
    await Deno.writeTextFile(
      `${this.directory}/c.yml`,
      `age_recipients: [${KEYS.recipient}]\nstorage_url: file://${this.directory}/store\n` +
        `index_path: ${this.directory}/state/i.sqlite\n${snapshots}`,
      { mode: 0o600 },
    );
    await Deno.writeTextFile(`${this.directory}/key.txt`, `${KEYS.identity}\n`, { mode: 0o600 });
  }

  async backUp(): Promise<{ readonly files: number; readonly files_read: number }> {
    const { code, stdout, stderr } = await this.run("snapshot", "create", "--json");
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  }

  run(...words: string[]) {
    return vaultik(["--config", `${this.directory}/c.yml`, ...words], { env: this.#env });
  }

  /** What the snapshot has at `path`. */
  async cat(path: string): Promise<string> {
    const { code, stdout, stderr } = await this.run(
      "cat",
      `latest:${path}`,
      "--identity",
      `${this.directory}/key.txt`,
    );
    assert.equal(code, 0, stderr);
    return stdout;
  }

  /** Programs that note their arguments in a log, and then do as their script says. */
  async standIns(scripts: Readonly<Record<string, string>>): Promise<void> {
    await Deno.mkdir(`${this.directory}/bin`);
    for (const [name, script] of Object.entries(scripts)) {
      const text = `#!/bin/sh\necho ${name} "$@" >> ${this.directory}/log\n${script}\n`;
      await Deno.writeTextFile(`${this.directory}/bin/${name}`, text, { mode: 0o755 });
    }
  }

  async asked(): Promise<string[]> {
    return (await Deno.readTextFile(`${this.directory}/log`)).trim().split("\n");
  }
}

Deno.test("the example of LVM takes a snapshot, mounts it, and takes both back in turn", () =>
  inDirectory(async (directory) => {
    const host = new Host(directory);
    await Deno.mkdir(`${directory}/empty`);
    await host.standIns({
      lvcreate: "",
      mount: `echo frozen > ${directory}/snap/file`,
      umount: `rm ${directory}/snap/file`,
      lvremove: "",
    });
    await host.configure(example("LVM", { "/mnt/snap": `${directory}/snap` }));
    await host.backUp();
    assert.deepEqual(await host.asked(), [
      "lvcreate --snapshot --name backup --size 5G vg/data",
      `mount -o ro /dev/vg/backup ${directory}/snap`,
      `umount ${directory}/snap`,
      "lvremove --yes vg/backup",
    ]);
    assert.equal(await host.cat("/data/file"), "frozen\n");
  }));

Deno.test("the example of LVM removes the snapshot, too, that could not be mounted", () =>
  inDirectory(async (directory) => {
    const host = new Host(directory);
    await host.standIns({ lvcreate: "", mount: "exit 32", umount: "exit 32", lvremove: "" });
    await host.configure(example("LVM", { "/mnt/snap": `${directory}/snap` }));
    const { code } = await host.run("snapshot", "create");
    assert.equal(code, 1);
    assert.deepEqual((await host.asked()).map((line) => line.split(" ")[0]), [
      "lvcreate",
      "mount",
      "umount",
      "lvremove",
    ]);
  }));

Deno.test("the example of ZFS takes a snapshot, reads it where ZFS shows it, and destroys it", () =>
  inDirectory(async (directory) => {
    const host = new Host(directory);
    const shown = `${directory}/tank/data/.zfs/snapshot/backup`;
    await host.standIns({
      zfs:
        `case $1 in snapshot) mkdir -p ${shown}; echo frozen > ${shown}/file;; destroy) rm -r ${shown};; esac`,
    });
    await host.configure(example("ZFS", { "/tank/data": `${directory}/tank/data` }));
    await host.backUp();
    assert.deepEqual(await host.asked(), ["zfs snapshot tank/data@backup", "zfs destroy tank/data@backup"]);
    assert.equal(await host.cat(`${directory}/tank/data/file`), "frozen\n");
  }));

const SIZE_MB = 256;

/** Mounts a new btrfs at `at`; whether that can be had. */
async function mountBtrfs(image: string, at: string): Promise<boolean> {
  await Deno.mkdir(at);
  await Deno.writeFile(image, new Uint8Array());
  await Deno.truncate(image, SIZE_MB * 2 ** 20);
  const run = async (program: string, ...args: string[]) =>
    (await new Deno.Command(program, { args, stdout: "null", stderr: "null" }).output()).success;
  return await run("mkfs.btrfs", "-q", image) && await run("mount", "-o", "loop", image, at);
}

const unmount = (at: string) => new Deno.Command("umount", { args: [at] }).output();

/** Why there can be no btrfs here. */
async function withoutBtrfs(): Promise<string | undefined> {
  if (!isRoot) return "root";
  if (!hasProgram("mkfs.btrfs", "--version") || !hasProgram("btrfs", "--version")) return "btrfs-progs";
  let canMount = false;
  await inDirectory(async (directory) => {
    canMount = await mountBtrfs(`${directory}/image`, `${directory}/data`);
    if (canMount) await unmount(`${directory}/data`);
  });
  return canMount ? undefined : "loop devices and btrfs in the kernel";
}

const noBtrfs = await withoutBtrfs();

testWith(
  noBtrfs,
  "the example of btrfs backs up a moment of a file system, and a second run reads what has changed",
  () =>
    inDirectory(async (directory) => {
      const data = `${directory}/data`;
      assert.ok(await mountBtrfs(`${directory}/image`, data));
      try {
        const host = new Host(directory);
        for (let i = 0; i < 10; i++) await Deno.writeTextFile(`${data}/${i}`, `contents ${i}`);
        const [before] = example("btrfs", { "/data": data }).match(/btrfs subvolume snapshot.*/)!;
        const changed = example("btrfs", { "/data": data })
          .replace(before, `${before} && echo later > ${data}/0`);
        await host.configure(changed);
        const first = await host.backUp();
        assert.deepEqual([first.files, first.files_read], [10, 10]);
        assert.equal(await Deno.readTextFile(`${data}/0`), "later\n");
        assert.equal(await host.cat(`${data}/0`), "contents 0", "it is of the moment of the snapshot");
        await host.configure(example("btrfs", { "/data": data }));
        const second = await host.backUp();
        assert.deepEqual([second.files, second.files_read], [10, 1]);
        assert.deepEqual([...Deno.readDirSync(data)].filter(({ isDirectory }) => isDirectory), []);
      } finally {
        await unmount(data);
      }
    }),
);
