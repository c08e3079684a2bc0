import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import decodeQR from "qr/decode.js";
import { atLeast } from "../../src/base/at_least.ts";
import { recoverySteps } from "../../src/cli/key/recovery_steps.ts";
import { readIdentities } from "../../src/seal/keys.ts";
import { SSH_KEY } from "../seal/ssh_keys.ts";
import { hostDirectory, inDirectory, vaultik } from "./in_process.ts";

/** A host with one backup in the store at `url`, and its key. */
async function backUp(directory: string, host: string, url: string): Promise<string> {
  const [config, key] = [`${directory}/${host}.yml`, `${directory}/${host}.key`];
  const init = [
    "init",
    "--keygen",
    "--identity-out",
    key,
    "--storage-url",
    url,
    "--path",
    `${directory}/data`,
  ];
  assert.equal((await vaultik(["--config", config, ...init])).code, 0);
  const more = `index_path: ${directory}/${host}/index.sqlite\nhostname: ${host}\n`;
  await Deno.writeTextFile(config, more, { append: true });
  await Deno.mkdir(`${directory}/data`, { recursive: true });
  await Deno.writeTextFile(`${directory}/data/hello.txt`, "hello");
  const { code, stderr } = await vaultik(["snapshot", "create", "--config", config]);
  assert.equal(code, 0, stderr);
  return key;
}

function secretIn(text: string): string {
  return /AGE-SECRET-KEY-\S+/.exec(text)![0];
}

Deno.test("key verify says which hosts a key opens, by table and exit code", async () => {
  await inDirectory(async (directory) => {
    const url = `file://${directory}/store`;
    const verify = (key: string, ...more: string[]) =>
      vaultik(["key", "verify", "--identity", key, "--storage-url", url, ...more]);
    const web1 = await backUp(directory, "web1", url);
    const alone = await verify(web1);
    assert.equal(alone.code, 0, alone.stderr);
    assert.match(
      alone.stdout,
      /^HOST +NAME +NEWEST SNAPSHOT +KEY\nweb1 +main +\d{8}T\d{6}Z-\w{8}-\w{8} +opens\n/,
    );
    assert.match(alone.stdout, /opens the newest snapshots of all hosts \(1\)/);

    const [host] = atLeast(1, [...Deno.readDirSync(`${directory}/store/hosts`)].map(({ name }) => name));
    await backUp(directory, "web2", url);
    const both = await verify(web1);
    assert.equal(both.code, 2);
    assert.match(both.stdout, /DOES NOT OPEN +it was made for another key\n/);
    assert.match(both.stdout, /opens 1 of 2; what it does not open cannot be restored/);
    assert.equal((await verify(web1, "--host", host)).code, 0);
    const { all, verdicts } = JSON.parse((await verify(web1, "--json")).stdout);
    assert.equal(all, false);
    assert.deepEqual(verdicts.map(({ state }: { state: string }) => state).sort(), ["opens", "other-key"]);
  });
});

Deno.test("key verify exits with 4 where there is nothing to open, with 5 where it is damaged", async () => {
  await inDirectory(async (directory) => {
    const url = `file://${directory}/store`;
    const key = await backUp(directory, "web1", url);
    const verify = () => vaultik(["key", "verify", "--identity", key, "--storage-url", url]);
    const snapshots = `${hostDirectory(`${directory}/store`)}/snapshots`;
    for (const file of findFiles(snapshots)) {
      await Deno.writeFile(file, (await Deno.readFile(file)).map((byte) => byte ^ 1));
    }
    const damaged = await verify();
    assert.deepEqual([damaged.code, /DAMAGED/.test(damaged.stdout)], [5, true], damaged.stderr);
    await Deno.remove(`${directory}/store/hosts`, { recursive: true });
    assert.equal((await verify()).code, 4);
  });
});

function findFiles(directory: string): string[] {
  return [...Deno.readDirSync(directory)].flatMap(({ name, isDirectory }) =>
    isDirectory ? findFiles(`${directory}/${name}`) : [`${directory}/${name}`]
  );
}

Deno.test("key split writes shares for their owner alone, key join gives the same key back", async () => {
  await inDirectory(async (directory) => {
    const [key, joined] = [`${directory}/key.txt`, `${directory}/joined.txt`];
    await vaultik(["keygen", "--output", key]);
    const split = await vaultik(["key", "split", "2", "3", "--identity", key, "--output", `${directory}/s`]);
    assert.deepEqual([split.code, split.stdout], [0, ""], split.stderr);
    for (const number of [1, 2, 3]) {
      assert.equal((await Deno.stat(`${directory}/s-${number}.txt`)).mode! & 0o777, 0o600);
    }
    const files = [`${directory}/s-3.txt`, `${directory}/s-1.txt`];
    const join = await vaultik(["key", "join", ...files, "--output", joined]);
    assert.equal(join.code, 0, join.stderr);
    const text = await Deno.readTextFile(joined);
    assert.deepEqual(readIdentities(text, "k"), [secretIn(await Deno.readTextFile(key))]);
    assert.equal((await Deno.stat(joined)).mode! & 0o777, 0o600);
    assert.equal((await vaultik(["key", "join", files[0]!])).code, 2);

    const printed = await vaultik(["key", "split", "2", "2", "--identity", key]);
    await Deno.writeTextFile(`${directory}/both`, printed.stdout);
    assert.equal((await vaultik(["key", "join", `${directory}/both`])).stdout, text);
    assert.equal((await vaultik(["key", "split", "two", "3", "--identity", key])).code, 2);
    await Deno.writeTextFile(`${directory}/ssh`, SSH_KEY, { mode: 0o600 });
    const ssh = await vaultik(["key", "split", "2", "3", "--identity", `${directory}/ssh`]);
    assert.match(ssh.stderr, /Cannot put this identity on paper/);
  });
});

/** The text of a kit as a picture: each character is two points, one above the other; light is printed. */
function pictureOf(lines: readonly string[]) {
  const [width, scale] = [lines[0]!.length, 8];
  const points = lines.flatMap((line) => [
    Array.from(line, (character) => "█▀".includes(character)),
    Array.from(line, (character) => "█▄".includes(character)),
  ]);
  const data = new Uint8Array(width * points.length * scale * scale * 4).fill(255);
  points.forEach((row, y) =>
    row.forEach((isLight, x) => {
      for (let i = 0; i < scale * scale; i++) {
        const at = ((y * scale + Math.floor(i / scale)) * width * scale + x * scale + i % scale) * 4;
        data.fill(isLight ? 255 : 0, at, at + 3);
      }
    })
  );
  return { width: width * scale, height: points.length * scale, data };
}

Deno.test("key kit has the key as text and as a code that a camera reads, the place of the store and what to type", async () => {
  await inDirectory(async (directory) => {
    const key = `${directory}/key.txt`;
    await vaultik(["keygen", "--output", key]);
    const secret = secretIn(await Deno.readTextFile(key));
    const store = ["--storage-url", "s3://backup/web1", "--s3-endpoint", "https://s3.example.com"];
    const write = (file: string) => vaultik(["key", "kit", "--identity", key, "--output", file, ...store]);
    for (const file of [`${directory}/kit.txt`, `${directory}/kit.html`]) {
      const { code, stdout, stderr } = await write(file);
      assert.deepEqual([code, stdout], [0, ""], stderr);
      assert.ok(!stderr.includes(secret));
      const text = await Deno.readTextFile(file);
      for (const part of [secret, "s3://backup/web1", "https://s3.example.com", "vaultik restore latest"]) {
        assert.ok(text.includes(part), part);
      }
      assert.equal((await Deno.stat(file)).mode! & 0o777, 0o600);
      assert.equal((await write(file)).code, 2);
    }
    const lines = (await Deno.readTextFile(`${directory}/kit.txt`)).split("\n");
    const code = lines.filter((line) => /[█▀▄]/.test(line));
    assert.equal(decodeQR(pictureOf(code)), secret);
    assert.doesNotMatch(await Deno.readTextFile(`${directory}/kit.html`), /<script|src=|href=/);
  });
});

Deno.test("the commands of a recovery are ones that a shell and this program understand", async () => {
  await inDirectory(async (directory) => {
    const url = `file://${directory}/my store`;
    await Deno.mkdir(`${directory}/my store`);
    const key = await backUp(directory, "web1", url);
    const steps = recoverySteps({
      keys: [],
      recipients: [],
      storageUrl: url,
      endpoint: undefined,
      region: undefined,
      madeAt: new Date(0),
    });
    assert.equal(steps.length, 4);
    for (const { line } of steps.slice(1)) {
      const script = `vaultik() { printf '%s\\n' "$@"; }; ${line}`;
      const { stdout } = await new Deno.Command("/bin/sh", { args: ["-c", script] }).output();
      const words = new TextDecoder().decode(stdout).trimEnd().split("\n").map((word) =>
        word === "key.txt" ? key : word === "/mnt/restored" ? `${directory}/restored` : word
      );
      const { code, stderr } = await vaultik(words);
      assert.equal(code, 0, stderr);
    }
    assert.equal(await Deno.readTextFile(`${directory}/restored${directory}/data/hello.txt`), "hello");
  });
});

Deno.test("a recipient that takes the place of another opens the next snapshot whole, and the run says what the old one still opens", async () => {
  await inDirectory(async (directory) => {
    const url = `file://${directory}/store`;
    const [old, config] = [await backUp(directory, "web1", url), `${directory}/web1.yml`];
    const key = `${directory}/new.key`;
    const { stdout: recipient } = await vaultik(["keygen", "--output", key]);
    const before = await Deno.readTextFile(config);
    const replaced = before.replace(/age1[a-z0-9]+(?=")|age1[a-z0-9]{58}/g, recipient.trim());
    assert.notEqual(replaced, before);
    await Deno.writeTextFile(config, replaced);
    const { code, stderr } = await vaultik(["snapshot", "create", "--config", config]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /age_recipients has 1 that could not open the \d+ blobs stored so far/);
    assert.match(stderr, /age_recipients lacks 1 of before: their keys still open all that is stored so far/);
    const verify = (file: string) => vaultik(["key", "verify", "--identity", file, "--storage-url", url]);
    assert.deepEqual([(await verify(key)).code, (await verify(old)).code], [0, 2]);
    const target = `${directory}/restored`;
    const restored = await vaultik(["restore", "latest", target, "--identity", key, "--storage-url", url]);
    assert.equal(restored.code, 0, restored.stderr);
    const silent = await vaultik(["snapshot", "create", "--config", config]);
    assert.doesNotMatch(silent.stderr, /age_recipients/);
  });
});
