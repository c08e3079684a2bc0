import assert from "node:assert/strict";
import { inDirectory, vaultik } from "./in_process.ts";

function has(program: string): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((directory) => {
    try {
      return Deno.statSync(`${directory}/${program}`).isFile;
    } catch {
      return false;
    }
  });
}

async function output(program: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, env }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
  assert.ok(success, err);
  assert.equal(err, "");
  return out;
}

/** What is typed, and what is offered among other things, and what is not. */
const TABLE: readonly [words: string[], offered: string[], absent: string[]][] = [
  [["sn"], ["snapshot"], ["restore"]],
  [[""], ["snapshot", "restore", "config"], ["create"]],
  [["snapshot", ""], ["create", "list", "verify"], ["restore", "snapshot"]],
  [["snapshot", "create", "--sk"], ["--skip-errors"], ["--json"]],
  [["--config", "x", "snapshot", "cr"], ["create"], ["copy"]],
  [["config", "get", "s3.pa"], ["s3.part_size", "s3.path_style"], ["s3.bucket"]],
  [["completion", ""], ["bash", "zsh", "fish"], ["get"]],
  [["help", ""], [], ["create"]],
  [["restore", "--identity", "sn"], [], ["snapshot", "--identity"]],
];

const SHELL_LOOP = (script: string) =>
  `${script}
COMP_WORDS=(vaultik "$@"); COMP_CWORD=$#
_vaultik
printf '%s\\n' "\${COMPREPLY[@]}"
`;

Deno.test({
  name: "completion in bash offers commands, options, their values and keys of the configuration",
  ignore: !has("bash"),
  async fn() {
    const { stdout: script } = await vaultik(["completion", "bash"]);
    for (const [words, offered, absent] of TABLE) {
      const found = (await output("bash", ["-c", SHELL_LOOP(script), "bash", ...words])).split("\n");
      for (const word of offered) assert.ok(found.includes(word), `${words}: ${word} of ${found}`);
      for (const word of absent) assert.ok(!found.includes(word), `${words}: ${word}`);
    }
  },
});

Deno.test({
  name: "completion in fish offers the same, with what each is for",
  ignore: !has("fish"),
  async fn() {
    await inDirectory(async (directory) => {
      const { stdout: script } = await vaultik(["completion", "fish"]);
      await Deno.writeTextFile(`${directory}/vaultik.fish`, script);
      for (const [words, offered, absent] of TABLE) {
        const line = `vaultik ${words.join(" ")}`;
        const ask = `source ${directory}/vaultik.fish; complete -C '${line}'`;
        const found = (await output("fish", ["--no-config", "-c", ask], { HOME: directory })).split("\n");
        const names = found.map((text) => text.split("\t")[0]);
        for (const word of offered) assert.ok(names.includes(word), `${line}: ${word} of ${names}`);
        for (const word of absent) assert.ok(!names.includes(word), `${line}: ${word}`);
        if (line === "vaultik sn") {
          assert.ok(found.includes("snapshot\tMake, list, check and remove snapshots"));
        }
      }
    });
  },
});

Deno.test({
  name: "completion in zsh is a script that zsh loads",
  ignore: !has("zsh"),
  async fn() {
    await inDirectory(async (directory) => {
      const { stdout: script } = await vaultik(["completion", "zsh"]);
      await Deno.writeTextFile(`${directory}/vaultik.zsh`, script);
      const load = `source ${directory}/vaultik.zsh; print -- $_comps[vaultik]`;
      assert.match(await output("zsh", ["-f", "-c", load], { HOME: directory }), /_bash_complete.*_vaultik/);
    });
  },
});

Deno.test("completion is for three shells", async () => {
  const { code, stderr } = await vaultik(["completion", "csh"]);
  assert.equal(code, 2);
  assert.match(stderr, /bash, zsh, fish/);
});

Deno.test("help A B shows the help of that command, and names what was meant", async () => {
  for (const words of [["snapshot", "create"], ["config", "set"], ["restore"]]) {
    const { code, stdout } = await vaultik(["help", ...words]);
    assert.equal(code, 0);
    assert.ok(stdout.startsWith(`Usage: vaultik ${words.join(" ")}`), stdout.slice(0, 80));
  }
  assert.match((await vaultik(["snapshot", "help", "create"])).stdout, /^Usage: vaultik snapshot create/);
  assert.match((await vaultik(["help"])).stdout, /^Usage: vaultik \[/);
  const table: [string[], RegExp][] = [
    [
      ["help", "snapshot", "crate"],
      /"snapshot crate": there is no such command; did you mean snapshot create\?/,
    ],
    [["help", "snapshto"], /did you mean snapshot\?/],
    [["help", "restore", "x"], /it has no subcommands/],
  ];
  for (const [words, said] of table) {
    const { code, stderr } = await vaultik(words);
    assert.equal(code, 2);
    assert.match(stderr, said);
  }
});

Deno.test("every group refuses a command that it has not with 2, and names the one that was meant", async () => {
  for (const group of ["snapshot", "index", "database", "daemon", "service", "config", "store"]) {
    const { code, stdout, stderr } = await vaultik([group, "nonsense"]);
    assert.deepEqual([code, stdout], [2, ""], group);
    assert.match(stderr, /unknown command 'nonsense'/);
  }
});

/** What `manualPages` uses; anything else that begins with a dot would be a macro by accident. */
const MACROS = /^\.(TH|SH|TP|B|BR|PP|nf|fi)( |$)/;

Deno.test("man writes a page for every command, of sound macros", async () => {
  await inDirectory(async (directory) => {
    const { code } = await vaultik(["man", `${directory}/man1`]);
    assert.equal(code, 0);
    const names = [...Deno.readDirSync(`${directory}/man1`)].map(({ name }) => name);
    for (
      const name of ["vaultik.1", "vaultik-snapshot.1", "vaultik-snapshot-create.1", "vaultik-config-set.1"]
    ) {
      assert.ok(names.includes(name), name);
    }
    for (const name of names) {
      const text = await Deno.readTextFile(`${directory}/man1/${name}`);
      assert.match(text, /^\.TH VAULTIK.*\n\.SH NAME\nvaultik.* \\- .*\n\.SH SYNOPSIS\n/);
      for (const line of text.split("\n").filter((line) => /^[.']/.test(line))) {
        assert.match(line, MACROS, name);
      }
      for (const part of ["OPTIONS", "EXIT STATUS", "SEE ALSO"]) {
        assert.match(text, new RegExp(`^\\.SH .*${part}$`, "m"));
      }
    }
    if (!has("mandoc")) return;
    const pages = names.map((name) => `${directory}/man1/${name}`);
    const { stdout } = await new Deno.Command("mandoc", { args: ["-T", "lint", "-W", "warning", ...pages] })
      .output();
    const said = new TextDecoder().decode(stdout).split("\n").filter((line) => !/date|^$/.test(line));
    assert.deepEqual(said, []);
  });
});
