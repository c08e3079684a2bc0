import assert from "node:assert/strict";
import { inDirectory, vaultik } from "../cli/in_process.ts";

Deno.test("snapshot list says what each snapshot added to the store: all of the first, little of one like it", async () => {
  await inDirectory(async (directory) => {
    const [config, data] = [`${directory}/c.yml`, `${directory}/data`];
    const { stderr } = await vaultik(["keygen"]);
    const recipient = stderr.trim().replace("Public key: ", "");
    const init = [
      "init",
      "--recipient",
      recipient,
      "--storage-url",
      `file://${directory}/store`,
      "--path",
      data,
    ];
    assert.equal((await vaultik(["--config", config, ...init])).code, 0);
    await Deno.writeTextFile(config, `index_path: ${directory}/state/index.sqlite\n`, { append: true });
    await Deno.mkdir(data);
    const sent: number[] = [];
    const start = Date.now();
    for (const size of [3_000_000, 0, 500_000]) {
      for (let at = 0; at < size; at += 50_000) {
        const bytes = crypto.getRandomValues(new Uint8Array(50_000));
        await Deno.writeFile(`${data}/${size}`, bytes, { append: true });
      }
      // Each in a second of its own: the list is in the order of ids, which are made of whole seconds and chance.
      const now = () => new Date(start + sent.length * 2_000);
      const created = await vaultik(["snapshot", "create", "--config", config, "--json"], { now });
      assert.equal(created.code, 0, created.stderr);
      sent.push(JSON.parse(created.stdout).bytes_sent);
    }
    const { stdout } = await vaultik(["snapshot", "list", "--config", config, "--json"]);
    const added = JSON.parse(stdout).map((one: { bytes_added: number }) => one.bytes_added);
    assert.deepEqual(added, sent);
    assert.ok(added[0]! > 3_000_000 && added[1]! < 10_000 && added[2]! > 500_000, added.join());
    const text = await vaultik(["snapshot", "list", "--config", config]);
    assert.match(text.stdout, /FILES +SIZE +ADDED\n/);
  });
});
