import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { run } from "../../src/cli/app.ts";
import { testIo } from "../cli/in_process.ts";
import { ROOT } from "../papers/pages.ts";
import { programWords } from "./vaultik.ts";

const DAY_MS = 24 * 60 * 60_000;
/** Of who runs the tests: the reader has a home of their own, without the packages that the program needs from its source. */
const DENO_CACHE = Deno.env.get("DENO_DIR") ??
  `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/deno`;
/** A command that takes longer hangs. */
const LIMIT_MS = 120_000;

/** Programs that a page names and that are not to be had here, or would change this machine: each as a script of /bin/sh. */
const STAND_INS: Readonly<Record<string, string>> = {
  // What a service manager is asked is asked.
  systemctl: "exit 0",
  journalctl: "exit 0",
  // The other machine is this one.
  ssh: 'shift; exec "$@"',
  zfs: "echo a stream of a file system",
  pg_dump: "echo a dump",
  psql: "exec grep -q .",
  pg_restore: "exec grep -q .",
  mariadb: "exec grep -q .",
  mongorestore: "exec grep -q .",
  // Of the project's own tasks CI runs each by itself; here `compile` gives what was compiled.
  npx: `case "$*" in
    "-y deno@2.9.6 task "*) grep -q "\\"$4\\":" ROOT/deno.json || exit 1 ;;
    "-y deno@2.9.6 test "*) ;;
    *) exit 1 ;;
  esac
  if [ "$4" = compile ]; then mkdir -p dist && cp PROGRAM dist/vaultik; fi`,
};

/** Who reads a page and types what it shows, in a directory that stands for the whole machine. */
export class Reader implements AsyncDisposable {
  readonly #directory: string;
  #recipient = "age1…";
  #snapshot = "";
  /** Which host `ID` stands for. */
  host = "";

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** With the program in its `PATH`, unless it is to be installed first. */
  static async open({ isInstalled = true } = {}): Promise<Reader> {
    const reader = new Reader(await Deno.realPath(await Deno.makeTempDir({ prefix: "vaultik-reader-" })));
    for (
      const path of [
        "/etc/nginx",
        "/etc/vaultik",
        "/home/me",
        "/srv/app",
        "/mnt",
        "/restored",
        "/usb",
        "/nas/web1",
        "/bin",
        "/usr/local/bin",
        "/desk/docs",
        "/state",
      ]
    ) {
      await Deno.mkdir(reader.at(path), { recursive: true });
    }
    for (const name of ["hosts", "nginx/nginx.conf", "app.conf"]) {
      await Deno.writeTextFile(reader.at(`/etc/${name}`), `${name}\n`.repeat(100));
    }
    await Deno.writeTextFile(reader.at("/home/me/letter"), "Dear reader\n");
    await Deno.copyFile(join(ROOT, "docs/recover.py"), reader.at("/desk/docs/recover.py"));
    await reader.#makePrograms(isInstalled);
    return reader;
  }

  at(path: string): string {
    return `${this.#directory}${path}`;
  }

  async #makePrograms(isInstalled: boolean): Promise<void> {
    const words = programWords().map((word) => `'${word}'`).join(" ");
    // The index of root would be the machine's own.
    const program = `#!/bin/sh
${words} "$@" || exit
[ "$1" != init ] || echo 'index_path: ${this.at("/state/index.sqlite")}' >> "$VAULTIK_CONFIG"
`;
    await Deno.writeTextFile(this.at("/program"), program, { mode: 0o755 });
    if (isInstalled) await Deno.copyFile(this.at("/program"), this.at("/usr/local/bin/vaultik"));
    for (const [name, script] of Object.entries(STAND_INS)) {
      const text = script.replaceAll("ROOT", ROOT).replaceAll("PROGRAM", this.at("/program"));
      await Deno.writeTextFile(this.at(`/bin/${name}`), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    }
  }

  /** The line with what this directory has in the place of the machine's paths, stores, hosts and keys. */
  #here(line: string): string {
    return line.replace(/^(?:\S+ ){4}\S+\s+root\s+/, "") // of a crontab
      .replace(/s3:\/\/backup(\/web1|\/prefix)?(?![\w/])/g, `file://${this.at("/store")}`)
      .replace(/file:\/\/\/mnt\/usb\/web1/g, `file://${this.at("/usb")}`)
      .replace(/age1…/g, this.#recipient)
      .replace("BUCKET-DIRECTORY", this.at("/store"))
      .replace("SNAPSHOT-ID", this.#snapshot)
      .replace(/ ID(?= |$)/, ` ${this.host}`)
      .replace("NEW-TARGET", this.at("/new-target"))
      .replace(/ \[DIR\]$/, "")
      .replace(
        /(^|[\s":])\/(etc|home|mnt|srv|restored|usr\/local\/bin)(?=[/\s":]|$)/g,
        (_, before, name) => `${before}${this.at(`/${name}`)}`,
      )
      .replace(/(latest:\/databases\/sqlite)(\/srv)/g, (_, before, name) => `${before}${this.at(name)}`);
  }

  /** Types `line` into a shell; fails where it ends with another code than 0, or `code`. Gives what was printed. */
  async type(line: string, { codes = [0] }: { readonly codes?: readonly number[] } = {}): Promise<string> {
    const child = new Deno.Command("/bin/sh", {
      args: ["-c", this.#here(line)],
      cwd: this.at("/desk"),
      clearEnv: true,
      env: {
        PATH: `${this.at("/bin")}:${this.at("/usr/local/bin")}:${Deno.env.get("PATH") ?? ""}`,
        HOME: this.at("/home/me"),
        VAULTIK_CONFIG: this.at("/etc/config.yml"),
        NO_COLOR: "1",
        RCLONE_CONFIG_NAS_TYPE: "alias",
        RCLONE_CONFIG_NAS_REMOTE: this.at("/nas"),
        DENO_DIR: DENO_CACHE,
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const timer = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
    const { code, stdout, stderr } = await child.output();
    clearTimeout(timer);
    const printed = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.ok(codes.includes(code), `${line}\n${this.#here(line)}\nended with ${code}:\n${printed}`);
    this.#learn(printed);
    return printed;
  }

  /** A key and a snapshot that were made are what the next lines mean. */
  #learn(printed: string): void {
    if (this.#recipient === "age1…") this.#recipient = /age1[0-9a-z]{50,}/.exec(printed)?.[0] ?? "age1…";
    this.#snapshot = /\d{8}T\d{6}Z-[a-z2-7]{8}-[0-9a-f]{8}/.exec(printed)?.[0] ?? this.#snapshot;
  }

  /** Carries a command out in this process, `daysAgo`. */
  async call(words: readonly string[], { daysAgo = 0, config = "/etc/config.yml" } = {}): Promise<void> {
    const { io, printed } = testIo({ env: { VAULTIK_CONFIG: this.at(config), HOME: this.at("/home/me") } });
    const now = () => new Date(Date.now() - daysAgo * DAY_MS);
    const code = await run(words.map((word) => this.#here(word)), { ...io, now });
    assert.equal(code, 0, `${words.join(" ")}\n${printed.stdout}${printed.stderr}`);
    this.#learn(printed.stdout + printed.stderr);
  }

  /** A key, and a backup ten days ago and one now, as the first backup makes them. */
  async backUpTwice(hostname = "web1"): Promise<void> {
    await this.call(["keygen", "--output", this.at("/desk/key.txt")]);
    const paths = ["/etc", "/home"].flatMap((path) => ["--path", this.at(path)]);
    await this.call(["init", "--recipient", this.#recipient, "--storage-url", "s3://backup/web1", ...paths]);
    await Deno.writeTextFile(
      this.at("/etc/config.yml"),
      `index_path: ${this.at("/state/index.sqlite")}\nhostname: ${hostname}\n`,
      {
        append: true,
      },
    );
    await this.call(["snapshot", "create"], { daysAgo: 10 });
    await Deno.writeTextFile(this.at("/etc/hosts"), "127.0.0.1 localhost\n", { append: true });
    await this.call(["snapshot", "create"]);
  }

  /** Writes a file; its directory is made. */
  async write(path: string, text: string): Promise<void> {
    await Deno.mkdir(dirname(this.at(path)), { recursive: true });
    await Deno.writeTextFile(this.at(path), text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#directory, { recursive: true });
  }
}
