import assert from "node:assert/strict";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { inDirectory, vaultik } from "./in_process.ts";

const CONFINED: [what: string, more: object, isConfined: boolean][] = [
  ["paths alone", {}, true],
  ["hooks", { hooks: { before: "true" } }, false],
  ["hooks of a snapshot", { snapshots: { home: { paths: ["/home"], hooks: { after: "true" } } } }, false],
  [
    "commands",
    { snapshots: { db: { commands: [{ path: "/db.sql", command: ["pg_dump", "app"] }] } } },
    false,
  ],
  ["mail", { notify: { mail: ["root"] } }, false],
];

for (const [what, more, isConfined] of CONFINED) {
  Deno.test(`the unit of a configuration with ${what} forbids ${isConfined ? "what a backup does not need" : "nothing"}`, () =>
    inDirectory(async (directory) => {
      const { recipient } = await generateKeyPair({ postQuantum: false });
      const config = `${directory}/config.yml`;
      const settings = {
        age_recipients: [recipient],
        storage_url: `file://${directory}/store`,
        index_path: `${directory}/index.sqlite`,
        snapshots: { home: { paths: ["/home"] } },
        ...more,
      };
      await Deno.writeTextFile(config, JSON.stringify(settings));
      const { code, stdout, stderr } = await vaultik(["--config", config, "service", "print", "--systemd"]);
      assert.equal(code, 0, stderr);
      assert.equal(/^NoNewPrivileges=yes$/m.test(stdout), isConfined, stdout);
    }));
}
