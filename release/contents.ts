import { join } from "node:path";
import { ROOT } from "../bench/packages.ts";
import { commandEntries } from "../src/cli/command_list.ts";
import { EXITS } from "../src/cli/command.ts";
import { completionScript } from "../src/cli/completion.ts";
import { manualPages } from "../src/cli/manual.ts";
import { VERSION } from "../src/cli/version.ts";
import { exampleConfig } from "../src/config/example.ts";
import { systemdUnit } from "../src/daemon/service/systemd.ts";

/** A file of a package: where it is installed, and its contents or the file that has them. */
export interface PackagedFile {
  /** Without a slash at its beginning. */
  readonly path: string;
  readonly mode: number;
  readonly contents: string | { readonly from: string };
}

const CONFIG_PATH = "/etc/vaultik/config.yml";
const INDEX_PATH = "/var/lib/vaultik/index.sqlite";

/** What `.deb` and `.rpm` install; `program` is the executable. Configuration and index are the user's: no package owns them. */
export async function packagedFiles(program: string): Promise<PackagedFile[]> {
  const commands = await commandEntries();
  const text = (path: string, contents: string): PackagedFile => ({ path, mode: 0o644, contents });
  const copy = (path: string, from: string): PackagedFile => ({
    path,
    mode: 0o644,
    contents: { from: join(ROOT, from) },
  });
  return [
    { path: "usr/bin/vaultik", mode: 0o755, contents: { from: program } },
    text("lib/systemd/system/vaultik.service", unit()),
    text("usr/share/doc/vaultik/config.example.yml", example()),
    text("usr/share/bash-completion/completions/vaultik", completionScript("bash", commands)),
    text("usr/share/zsh/vendor-completions/_vaultik", completionScript("zsh", commands)),
    text("usr/share/fish/vendor_completions.d/vaultik.fish", completionScript("fish", commands)),
    ...manualPages(commands, EXITS, VERSION).map((page) =>
      text(`usr/share/man/man1/${page.name}`, page.text)
    ),
    copy("usr/share/doc/vaultik/README.md", "README.md"),
    copy("usr/share/doc/vaultik/FORMAT.md", "src/model/FORMAT.md"),
    copy("usr/share/doc/vaultik/licences.md", "docs/licences.md"),
    copy("usr/share/doc/vaultik/copyright", "LICENSE"),
    {
      path: "usr/share/doc/vaultik/recover.py",
      mode: 0o755,
      contents: { from: join(ROOT, "docs/recover.py") },
    },
  ];
}

/** Where the store is a directory, `vaultik service install` writes a unit that may write to it, which takes precedence. */
function unit(): string {
  return systemdUnit({
    program: ["/usr/bin/vaultik"],
    configPath: CONFIG_PATH,
    indexPath: INDEX_PATH,
    keyFiles: [],
    runsPrograms: false,
    isOfUser: false,
  });
}

function example(): string {
  return exampleConfig({ recipients: [], paths: ["/etc", "/home"], exclude: [] });
}

/** Writes the files below `root`. */
export async function layOut(files: readonly PackagedFile[], root: string): Promise<void> {
  for (const { path, mode, contents } of files) {
    const target = join(root, path);
    await Deno.mkdir(join(target, ".."), { recursive: true, mode: 0o755 });
    if (typeof contents === "string") await Deno.writeTextFile(target, contents);
    else await Deno.copyFile(contents.from, target);
    await Deno.chmod(target, mode);
  }
}
