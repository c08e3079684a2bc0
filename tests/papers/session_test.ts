import assert from "node:assert/strict";
import { join } from "node:path";
import { run } from "../../src/cli/app.ts";
import { inDirectory, testIo } from "../cli/in_process.ts";
import { ROOT, vaultikLines, wordsOf } from "./pages.ts";

// What README and docs tell their reader to type is typed: in a directory with paths and a store in the place of those of the pages.

const DAY_MS = 24 * 60 * 60_000;

class Reader {
  readonly #directory: string;
  #recipient = "";

  constructor(directory: string) {
    this.#directory = directory;
  }

  at(path: string): string {
    return `${this.#directory}${path}`;
  }

  /** The line with this directory's paths, store and keys. */
  #here(line: string): string {
    const at = (path: string) => this.at(path);
    return line.replace(/s3:\/\/backup\/web1/g, `file://${at("/store")}`)
      .replace(/file:\/\/\/mnt\/usb\/web1/g, `file://${at("/usb")}`)
      .replace(/age1…/g, this.#recipient)
      .replace(/(^|[\s":])\/(etc|home|mnt)(?=[/\s":]|$)/g, (_, before, name) => `${before}${at(`/${name}`)}`)
      .replace(
        /(^|\s)([\w-]+\.(?:txt|sqlite|html|yml|zip))(?=\s|$)/g,
        (_, before, name) => `${before}${at(`/${name}`)}`,
      );
  }

  /** Types `line`; fails where it ends with another code than 0. */
  async type(line: string, daysAgo = 0): Promise<string> {
    const { io, printed } = testIo({
      env: { VAULTIK_CONFIG: this.at("/config.yml"), HOME: this.#directory },
    });
    const now = () => new Date(Date.now() - daysAgo * DAY_MS);
    const code = await run(wordsOf(this.#here(line)), { ...io, now });
    assert.equal(code, 0, `vaultik ${line}\n${printed.stdout}${printed.stderr}`);
    this.#recipient ||= /age1[0-9a-z]+/.exec(printed.stdout + printed.stderr)?.[0] ?? "";
    if (line.startsWith("init ")) {
      await Deno.writeTextFile(this.at("/config.yml"), `index_path: ${this.at("/state/index.sqlite")}\n`, {
        append: true,
      });
    }
    return printed.stdout;
  }

  async makeFiles(): Promise<void> {
    for (const name of ["hosts", "nginx/nginx.conf", "app.conf"]) {
      await Deno.mkdir(join(this.at("/etc"), name, ".."), { recursive: true });
      await Deno.writeTextFile(join(this.at("/etc"), name), `${name}\n`.repeat(100));
    }
    await Deno.mkdir(this.at("/home/me"), { recursive: true });
    await Deno.writeTextFile(this.at("/home/me/letter"), "Dear reader\n");
    for (const name of ["/mnt", "/usb"]) await Deno.mkdir(this.at(name));
    await Deno.mkdir(this.at("/state"));
  }
}

function linesOf(page: string): string[] {
  return vaultikLines(join(ROOT, page)).map(({ line }) => line);
}

/** A backup ten days ago and one now, as the README makes them. */
async function twoBackups(reader: Reader): Promise<void> {
  await reader.makeFiles();
  const [keygen, init, create] = linesOf("README.md");
  await reader.type(keygen);
  await reader.type(init);
  await reader.type(create, 10);
  await Deno.writeTextFile(reader.at("/etc/hosts"), "127.0.0.1 localhost\n", { append: true });
  await reader.type(create);
}

const OPTIONS = { sanitizeOps: false, sanitizeResources: false };

for (const page of ["README.md", "docs/first-backup.md"]) {
  Deno.test(
    `who types what ${page} says has a restored file in the end`,
    OPTIONS,
    () =>
      inDirectory(async (directory) => {
        const reader = new Reader(await Deno.realPath(directory));
        await reader.makeFiles();
        for (const line of linesOf(page)) {
          if (line.startsWith("service ")) continue;
          await reader.type(line.includes("/etc/nginx") ? line.replace("/mnt/restored", "/mnt/again") : line);
        }
        const restored = reader.at(`/mnt/restored${reader.at("/etc/hosts")}`);
        assert.equal(await Deno.readTextFile(restored), await Deno.readTextFile(reader.at("/etc/hosts")));
      }),
  );
}

/** Pages whose calls are made one after the other, and which of them are not, since they do not end by themselves or change the machine. */
const SESSIONS: Readonly<Record<string, RegExp>> = {
  "docs/browse.md": /^(mount|serve|browse)/,
  "docs/restore.md": /--retrieve|--in-place/,
  "docs/retention.md": /^$/,
  "docs/suspicious.md": /^$/,
  "docs/copies.md": /--to-config|rclone:/,
  "docs/hosts.md": /^$/,
  "docs/drills.md": /--storage-url/,
  "docs/fleet.md": /--watch| (web1|ID)( |$)/,
};

for (const [page, skipped] of Object.entries(SESSIONS)) {
  Deno.test(`what ${page} says can be typed`, OPTIONS, () =>
    inDirectory(async (directory) => {
      const reader = new Reader(await Deno.realPath(directory));
      await twoBackups(reader);
      const lines = linesOf(page).filter((line) => !skipped.test(line));
      assert.ok(lines.length > 0);
      for (const line of lines) {
        if (line.startsWith("restore ") && !line.includes("--overwrite")) {
          await Deno.remove(reader.at("/mnt/restored"), { recursive: true }).catch(() => {}); // the first line finds none
        }
        await reader.type(line);
      }
    }));
}
