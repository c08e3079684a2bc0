import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Browser, Page } from "playwright-core";
import { type BackedUp, backedUp } from "./backed_up.ts";
import { BROWSER, withBrowser } from "./browser.ts";
import { file, openFromFile, openPage, unlockWith } from "./opened.ts";
import { serveDirectory } from "./static_server.ts";

// Takes two minutes and two gigabytes of disk: deno task test-page-large.

const LARGE_BYTES = 500_000_000;
const PIECE_BYTES = 50_000_000;
const FILES = 2_000;
const DIRECTORIES = 20;
const LIMIT_MS = 300_000;

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  using opened = await Deno.open(path);
  for await (const piece of opened.readable) hash.update(piece);
  return hash.digest("hex");
}

function noise(length: number, seed: number): Uint8Array {
  let state = seed;
  return new Uint8Array(length).map(() => (state = (state * 48271) % 2147483647) >> 8);
}

const nameOf = (number: number) => `many/${number % DIRECTORIES}/${number}`;

/** Adds the large file and the many small ones to what is backed up. */
async function addMuch({ data, machine }: BackedUp): Promise<void> {
  {
    using large = await Deno.create(`${data}/large.img`);
    for (let at = 0; at < LARGE_BYTES; at += PIECE_BYTES) await large.write(noise(PIECE_BYTES, at + 1));
  }
  for (let i = 0; i < FILES; i++) machine.write(nameOf(i), noise(1 + i % 5000, i + 1));
  await machine.backUp({ chunkSizeBytes: 1 << 20, blobSizeBytes: 1 << 24 });
}

/** What a click saves, and the seconds until it is saved. */
async function saved(page: Page, click: () => Promise<void>): Promise<[path: string, seconds: string]> {
  const begun = performance.now();
  const [download] = await Promise.all([page.waitForEvent("download"), click()]);
  const path = await download.path();
  return [path, ((performance.now() - begun) / 1000).toFixed(1)];
}

/** Most memory that the process of a page has had, in MiB. */
async function peakMib(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const peaks = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => {
    const status = Deno.readTextFileSync(`/proc/${id}/status`);
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)![1]) / 1024;
  });
  return Math.round(Math.max(...peaks));
}

async function saveLarge(page: Page, { data }: BackedUp): Promise<string> {
  await file(page, "large.img").click();
  const save = page.locator("dialog").getByRole("button", { name: "Save…" });
  const [path, seconds] = await saved(page, () => save.click());
  assert.equal(await sha256(path), await sha256(`${data}/large.img`));
  await page.keyboard.press("Escape");
  return seconds;
}

async function saveMany(page: Page, { data, directory }: BackedUp): Promise<string> {
  await file(page, "many").click();
  await file(page, String(DIRECTORIES - 1)).waitFor();
  const [archive, seconds] = await saved(
    page,
    () => page.getByRole("button", { name: "Save folder…" }).click(),
  );
  const target = await Deno.makeTempDir({ dir: directory });
  const unzip = await new Deno.Command("unzip", { args: ["-q", archive, "-d", target] }).output();
  assert.ok(unzip.success, new TextDecoder().decode(unzip.stderr));
  for (let i = 0; i < FILES; i++) {
    assert.equal(await sha256(`${target}/${nameOf(i)}`), await sha256(`${data}/${nameOf(i)}`), nameOf(i));
  }
  return seconds;
}

const WAYS: Readonly<Record<string, (made: BackedUp, work: (page: Page) => Promise<void>) => Promise<void>>> =
  {
    "a file, without a network": (made, work) => opened((browser) => openFromFile(browser, made), work),

    "HTTP": async (made, work) => {
      await using server = serveDirectory(made.store);
      await opened(async (browser) => {
        const { page } = await openPage(browser, `${server.url}recover.html`);
        await page.getByRole("button", { name: "Open" }).click();
        await unlockWith(page, made.identity);
        return { page };
      }, work);
    },
  };

/** Runs `work` in a browser of its own, and prints how much memory its page took. */
async function opened(
  open: (browser: Browser) => Promise<{ readonly page: Page }>,
  work: (page: Page) => Promise<void>,
): Promise<void> {
  await withBrowser(async (browser) => {
    const { page } = await open(browser);
    page.setDefaultTimeout(LIMIT_MS);
    await work(page);
    console.log(`at most ${await peakMib(browser)} MiB`);
  });
}

Deno.test({
  name: "a file of 500 MB and a folder of 2,000 files are saved whole from a page in a browser",
  ignore: BROWSER === undefined || Deno.env.get("VAULTIK_TEST_PAGE_LARGE") === undefined,
  sanitizeResources: false,
  sanitizeOps: false,
  async fn() {
    await using made = await backedUp();
    await addMuch(made);
    for (const [way, open] of Object.entries(WAYS)) {
      await open(made, async (page) => {
        console.log(`from ${way}: 500 MB in ${await saveLarge(page, made)} s`);
        console.log(`from ${way}: ${FILES} files in ${await saveMany(page, made)} s`);
      });
    }
  },
});
