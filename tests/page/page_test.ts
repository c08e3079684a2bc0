import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { AxeBuilder } from "./axe.ts";
import type { Page } from "playwright-core";
import { PageServer } from "../../src/operations/page/page_server.ts";
import { restoreSteps } from "../../src/operations/page/restore_steps.ts";
import { HeaderOpener } from "../../src/seal/age.ts";
import { PROTECTED_SSH_KEY } from "../seal/ssh_keys.ts";
import { HOSTILE, protectedIdentity } from "./backed_up.ts";
import { file, openFromFile, openPage, unlockWith } from "./opened.ts";
import { serveDirectory } from "./static_server.ts";
import { test } from "./browsed_page.ts";

async function save(page: Page, click: () => Promise<void>): Promise<Uint8Array> {
  const [download] = await Promise.all([page.waitForEvent("download"), click()]);
  return await Deno.readFile(await download.path());
}

test(
  "from a file, without a network: unlock, enter, search, preview, versions, save",
  async (browser, made) => {
    const { page, problems } = await openFromFile(browser, made);
    await file(page, "docs").click();
    await file(page, "dot.png").click();
    await page.locator("dialog img").waitFor();
    assert.equal(
      await page.locator("dialog img").evaluate((img: any) => img.decode().then(() => img.naturalWidth)),
      5,
    );
    await page.keyboard.press("Escape");
    await file(page, "paper.pdf").click();
    await page.locator("dialog iframe").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("searchbox").fill("FILE.md");
    await page.keyboard.press("Enter");
    await file(page, "deep/er/file.md").click();
    await page.getByText("# Found").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Back to the folder" }).click();
    await page.getByRole("navigation", { name: "Folder" }).getByRole("button").last().click();
    await file(page, "notes.txt").click();
    await page.getByText("the third version").waitFor();
    await page.getByRole("button", { name: "Versions" }).click();
    await page.getByText("3 results").waitFor();
    await file(page, "Changed").click();
    const saved = await save(
      page,
      () => page.locator("dialog").getByRole("button", { name: "Save…" }).click(),
    );
    assert.equal(new TextDecoder().decode(saved), "the third version\n");
    await page.keyboard.press("Escape");
    await page.locator("table .name").last().click();
    await page.getByText("the first version").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Back to the folder" }).click();
    await file(page, "large.bin").click();
    const large = await save(
      page,
      () => page.locator("dialog").getByRole("button", { name: "Save…" }).click(),
    );
    assert.deepEqual(large, Deno.readFileSync(`${made.data}/large.bin`));
    assert.deepEqual(problems, []);
  },
);

test("a folder is saved as a zip archive that has what was backed up", async (browser, made) => {
  const { page } = await openFromFile(browser, made);
  await file(page, "docs").click();
  await file(page, "deep").waitFor();
  const zip = `${made.directory}/docs.zip`;
  await Deno.writeFile(
    zip,
    await save(page, () => page.getByRole("button", { name: "Save folder…" }).click()),
  );
  const list = await new Deno.Command("python3", {
    args: [
      "-c",
      "import sys, zipfile, json; z = zipfile.ZipFile(sys.argv[1]); z.testzip(); " +
      "print(json.dumps({n: z.read(n).decode('latin1') for n in z.namelist() if not n.endswith('/')}))",
      zip,
    ],
  }).output();
  assert.ok(list.success, new TextDecoder().decode(list.stderr));
  const files: Record<string, string> = JSON.parse(new TextDecoder().decode(list.stdout));
  const names = ["deep/er/file.md", "dot.png", "page.html", "paper.pdf", HOSTILE.markup, HOSTILE.backwards];
  assert.deepEqual(Object.keys(files).sort(), names.map((name) => `docs/${name}`).sort());
  for (const [name, contents] of Object.entries(files)) {
    const onDisk = [...Deno.readFileSync(`${made.data}/${name}`)].map((byte) => String.fromCharCode(byte))
      .join("");
    assert.equal(contents, onDisk, name);
  }
});

test("hostile names and contents are text, and the key can go nowhere", async (browser, made) => {
  await using server = serveDirectory(made.directory);
  const { page, problems } = await openFromFile(browser, made, { offline: false });
  await file(page, "docs").click();
  await file(page, "<img").click();
  await page.locator("dialog pre").waitFor();
  assert.match(await page.locator("dialog pre").innerText(), /^<script>/);
  await page.keyboard.press("Escape");
  await file(page, "page.html").click();
  await page.locator("dialog pre").waitFor();
  await page.keyboard.press("Escape");
  await file(page, "\\u202egnp.exe").waitFor();
  assert.equal(await page.title(), "Vaultik: recover files");
  assert.equal(await page.locator("img").count(), 0);
  assert.deepEqual(problems, []);
  const went = (url: string) =>
    page.evaluate((to) => fetch(to, { mode: "no-cors" }).then(() => "went", () => "refused"), url);
  assert.equal(await went(server.url), "refused");
  const sent = await page.evaluate(() => {
    const { document } = globalThis as any;
    const script = document.createElement("script");
    script.textContent = "document.title = 'harmed'";
    document.body.append(script);
    return document.title;
  });
  assert.equal(sent, "Vaultik: recover files");
});

test("wrong keys, passphrases and folders are said, and can be corrected", async (browser, made) => {
  const { page } = await openPage(browser, `file://${made.page}`);
  await Deno.mkdir(`${made.directory}/other/sub`, { recursive: true });
  await Deno.writeTextFile(`${made.directory}/other/sub/file`, "");
  await page.setInputFiles("#folder", `${made.directory}/other`);
  await page.getByText("This folder is no store").waitFor();
  await page.setInputFiles("#folder", made.store);
  const key = page.getByLabel("Private key (identity)");
  const unlock = () => page.getByRole("button", { name: "Unlock" }).click();
  await key.fill("nonsense");
  await unlock();
  await page.getByText("it is not an age identity").waitFor();
  await key.fill("AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX");
  await unlock();
  await page.getByText("made for another key").waitFor();
  const sshKey = { name: "id_ed25519", mimeType: "", buffer: Buffer.from(PROTECTED_SSH_KEY) };
  await page.setInputFiles("#key-file", sshKey);
  for (
    const [passphrase, answer] of [["y", "the passphrase is wrong"], ["x", "made for another key"]] as const
  ) {
    await page.getByLabel("Passphrase of the key").fill(passphrase!);
    await unlock();
    await page.getByText(answer!).waitFor();
  }
  await page.getByLabel("Passphrase of the key").fill("");
  await page.setInputFiles("#key-file", {
    name: "key.age",
    mimeType: "",
    buffer: Buffer.from(await protectedIdentity("open")),
  });
  await unlock();
  await page.getByText("type its passphrase").waitFor();
  await page.getByLabel("Passphrase of the key").fill("shut");
  await unlock();
  await page.getByText("The passphrase does not open this key").waitFor();
  await page.getByLabel("Passphrase of the key").fill("open");
  await unlock();
  await file(page, "notes.txt").waitFor();
});

test("over HTTP the page reads the store that it lies in", async (browser, made) => {
  await using server = serveDirectory(made.store);
  const { page, problems } = await openPage(browser, `${server.url}recover.html`);
  await page.getByRole("button", { name: "Open" }).click();
  await unlockWith(page, made.identity);
  await file(page, "large.bin").click();
  const large = await save(page, () => page.locator("dialog").getByRole("button", { name: "Save…" }).click());
  assert.deepEqual(large, Deno.readFileSync(`${made.data}/large.bin`));
  assert.deepEqual(problems.filter((text) => !text.includes("404")), []);
});

test("what the store has lost costs its files and is said", async (browser, made) => {
  for (const name of await made.machine.objects("blobs/")) await made.machine.store.remove(name);
  const { page } = await openFromFile(browser, made);
  await file(page, "notes.txt").click();
  await page.getByText(/is missing/).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Save folder…" }).click();
  await page.locator(".work").getByText(/is missing/).waitFor();
});

test(
  "vaultik browse: no key in the page, restore to disk with progress, and nothing without the token",
  async (browser, made) => {
    const opener = new HeaderOpener([made.identity]);
    const options = { identities: [made.identity], writers: 1, noSpecial: true };
    const pages = new PageServer({
      token: "secret-part",
      page: await Deno.readTextFile(made.page),
      store: made.machine.root,
      openHeader: (header) => opener.open(header),
      restore: (request, signal) => restoreSteps(made.machine.rootTools(), request, options, signal),
    });
    await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, pages.handle);
    const origin = `http://127.0.0.1:${server.addr.port}`;
    for (const path of ["/", "/secret-parT/", "/secret-part", "/list?prefix="]) {
      const answer = await fetch(origin + path);
      assert.equal(answer.status, 403, path);
      await answer.body?.cancel();
    }
    const bad = await fetch(`${origin}/secret-part/restore`, {
      method: "POST",
      body: '{"target":"relative"}',
    });
    assert.equal(bad.status, 400);
    await bad.body?.cancel();
    const outside = await fetch(`${origin}/secret-part/store/..%2f..%2fetc%2fpasswd`);
    assert.equal(outside.status, 404);
    await outside.body?.cancel();
    const { page, problems } = await openPage(browser, `${origin}/secret-part/`);
    await file(page, "docs").click();
    await file(page, "deep").waitFor();
    await page.getByRole("button", { name: "Restore to disk…" }).click();
    await page.getByLabel("Directory").fill(`${made.directory}/restored`);
    await page.getByRole("button", { name: "Restore", exact: true }).click();
    await page.locator(".work").getByText("Restored 6 files").waitFor();
    const restored = `${made.directory}/restored${made.data}/docs/deep/er/file.md`;
    assert.equal(Deno.readTextFileSync(restored), "# Found\n");
    await page.getByRole("button", { name: "Charts" }).click();
    await page.getByRole("img", { name: /^Stored by each run/ }).waitFor();
    assert.deepEqual(problems, []);
  },
);

test("axe finds nothing in any view, light, dark and on a phone", async (browser, made) => {
  for (const options of [{}, { colorScheme: "dark" as const, viewport: { width: 390, height: 844 } }]) {
    const { page } = await openPage(browser, `file://${made.page}`, options);
    const check = async (view: string) => {
      const found = await new AxeBuilder(page).violations();
      assert.deepEqual(found, [], `${view} ${JSON.stringify(options)}`);
      const overflow = await page.evaluate(() => {
        const { document, innerWidth } = globalThis as any;
        return document.documentElement.scrollWidth - innerWidth;
      });
      assert.ok(overflow <= 0, `${view} is ${overflow} pixels too wide`);
    };
    await check("store");
    for (const way of ["A web address", "An S3 bucket", "A folder"]) {
      await page.getByLabel(way).check();
      await check(way);
    }
    await page.setInputFiles("#folder", made.store);
    await page.getByLabel("Private key (identity)").waitFor();
    await check("key");
    await unlockWith(page, made.identity);
    await file(page, "docs").click();
    await file(page, "deep").waitFor();
    await check("files");
    await file(page, "<img").click();
    await page.locator("dialog pre").waitFor();
    await check("preview");
    await page.getByRole("button", { name: "Versions" }).click();
    await page.getByText("1 result").waitFor();
    await check("versions");
    await page.getByRole("button", { name: "Charts" }).click();
    await page.getByRole("img", { name: /^Stored by each run/ }).waitFor();
    await check("charts");
  }
});

test("everything can be reached by the keyboard", async (browser, made) => {
  const { page } = await openFromFile(browser, made);
  await file(page, "docs").waitFor();
  await page.getByRole("radio", { checked: true }).focus();
  await page.keyboard.press("ArrowLeft");
  await page.getByText("2 of 3").waitFor();
  await page.keyboard.press("Home");
  await page.getByText("1 of 3").waitFor();
  await file(page, "notes.txt").focus();
  await page.keyboard.press("Enter");
  await page.getByText("the first version").waitFor();
  await page.keyboard.press("Escape");
  await file(page, "docs").focus();
  await page.keyboard.press("Enter");
  await file(page, "deep").waitFor();
  await page.goBack();
  await file(page, "notes.txt").waitFor();
});
