import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { inDirectory } from "../cli/in_process.ts";

const SCRIPT = fileURLToPath(new URL("../../release/files/install.sh", import.meta.url));
const NAME = `vaultik-${Deno.build.os}-${Deno.build.arch}`;

interface Installed {
  readonly code: number;
  readonly stderr: string;
  /** What the installed program prints, if there is one. */
  readonly prints?: string;
}

/** Runs the script on a release whose program prints `hello`; `tamper` changes the directory of the release before. */
async function install(tamper: (release: string) => Promise<void>, directory: string): Promise<Installed> {
  const release = `${directory}/release`;
  const program = "#!/bin/sh\necho hello\n";
  await Deno.mkdir(release);
  await Deno.writeTextFile(`${release}/${NAME}`, program);
  const sum = createHash("sha256").update(program).digest("hex");
  await Deno.writeTextFile(`${release}/SHA256SUMS`, `${"0".repeat(64)}  ${NAME}.deb\n${sum}  ${NAME}\n`);
  await tamper(release);
  const { code, stderr } = await new Deno.Command("sh", {
    args: [SCRIPT, "--prefix", `${directory}/usr`, release],
  }).output();
  const text = new TextDecoder().decode(stderr);
  try {
    const { stdout } = await new Deno.Command(`${directory}/usr/bin/vaultik`).output();
    return { code, stderr: text, prints: new TextDecoder().decode(stdout) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { code, stderr: text };
    throw error;
  }
}

Deno.test("install.sh installs an executable that is what SHA256SUMS says", () =>
  inDirectory(async (directory) => {
    const { code, prints, stderr } = await install(async () => {}, directory);
    assert.equal(code, 0, stderr);
    assert.equal(prints, "hello\n");
  }));

const BAD = [
  {
    what: "an executable with other bytes",
    tamper: (release: string) => Deno.writeTextFile(`${release}/${NAME}`, "#!/bin/sh\necho evil\n"),
    says: /is not what SHA256SUMS says; nothing was installed/,
  },
  {
    what: "sums that do not name it",
    tamper: (release: string) => Deno.writeTextFile(`${release}/SHA256SUMS`, `${"0".repeat(64)}  other\n`),
    says: /SHA256SUMS does not name/,
  },
  {
    what: "an executable that is missing",
    tamper: (release: string) => Deno.remove(`${release}/${NAME}`),
    says: /cannot fetch/,
  },
];

for (const { what, tamper, says } of BAD) {
  Deno.test(`install.sh installs nothing of a release with ${what}`, () =>
    inDirectory(async (directory) => {
      const { code, prints, stderr } = await install(tamper, directory);
      assert.notEqual(code, 0);
      assert.match(stderr, says);
      assert.equal(prints, undefined);
    }));
}
