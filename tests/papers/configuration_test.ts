import assert from "node:assert/strict";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { join } from "node:path";
import { parse } from "yaml";
import { run } from "../../src/cli/app.ts";
import { inDirectory, testIo } from "../cli/in_process.ts";
import { type Block, blocksOf, isConfiguration } from "./blocks.ts";
import { pagesBelow } from "./pages.ts";

const ENV = { HOSTNAME: "web1", HOME: "/root" };

const blocks = pagesBelow().flatMap(blocksOf).filter(isConfiguration);

/** The configuration that has in it what the block shows, and what that leaves out. */
function completed({ text }: Block, directory: string, recipient: string): string {
  const shown = text.replaceAll("/etc/vaultik/", `${directory}/`).replaceAll("age1…", recipient)
    .replaceAll('endpoint: "https://…"', 'endpoint: "https://s3.example.com"').replaceAll(
      '"…"',
      '"eu-central-1"',
    );
  const isOfSet = shown.startsWith("paths:");
  const whole = isOfSet ? `snapshots:\n  main:\n${shown.replace(/^/gm, "    ")}` : shown;
  const keys = parse(whole);
  const base = {
    age_recipients: [recipient],
    storage_url: "s3" in keys ? "s3://backup/web1" : "file:///srv/backup",
    snapshots: { main: { paths: ["/etc"] } },
  };
  const missing = Object.entries(base).filter(([key]) => !(key in keys));
  return [whole, ...missing.map(([key, value]) => `${key}: ${JSON.stringify(value)}`), ""].join("\n");
}

Deno.test("README and docs show parts of configurations", () =>
  assert.ok(blocks.length > 15, `${blocks.length}`));

for (const block of blocks) {
  const head = block.text.split("\n").slice(0, 3).join(" ").replace(/\s+/g, " ");
  Deno.test(`config check takes what ${block.page} shows: ${head}`, () =>
    inDirectory(async (directory) => {
      const recipient = await identityToRecipient(await generateIdentity());
      for (const name of ["s3-secret", "webhook", "secret", "ldap_password", "mariadb.cnf"]) {
        await Deno.writeTextFile(join(directory, name), "https://example.com/secret\n", { mode: 0o600 });
      }
      await Deno.writeTextFile(join(directory, "fleet.yml"), "threads: 2\n", { mode: 0o600 });
      const config = join(directory, "config.yml");
      await Deno.writeTextFile(config, completed(block, directory, recipient), {
        mode: 0o600,
      });
      const { io, printed } = testIo({ env: { VAULTIK_CONFIG: config, ...ENV } });
      assert.equal(await run(["config", "check"], io), 0, printed.stdout + printed.stderr);
    }));
}
