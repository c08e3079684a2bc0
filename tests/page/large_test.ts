import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { backedUp } from "./backed_up.ts";
import { BROWSER, withBrowser } from "./browser.ts";
import { file, openFromFile } from "./opened.ts";

// Takes a minute and a gigabyte of disk: deno task test-page-large.

const LARGE_BYTES = 500_000_000;
const PIECE_BYTES = 50_000_000;
const FILES = 2_000;

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

Deno.test({
  name: "a file of 500 MB and a folder of 2,000 files are saved whole from a page in a browser",
  ignore: BROWSER === undefined || Deno.env.get("VAULTIK_TEST_PAGE_LARGE") === undefined,
  sanitizeResources: false,
  sanitizeOps: false,
  async fn() {
    await using made = await backedUp();
    const { data, machine } = made;
    {
      using large = await Deno.create(`${data}/large.img`);
      for (let at = 0; at < LARGE_BYTES; at += PIECE_BYTES) await large.write(noise(PIECE_BYTES, at + 1));
    }
    for (let i = 0; i < FILES; i++) machine.write(`many/${i % 20}/${i}`, noise(1 + i % 5000, i + 1));
    await machine.backUp({ chunkSizeBytes: 1 << 20, blobSizeBytes: 1 << 24 });
    await withBrowser(async (browser) => {
      const { page } = await openFromFile(browser, made);
      page.setDefaultTimeout(300_000);
      await file(page, "large.img").click();
      const save = page.locator("dialog").getByRole("button", { name: "Save…" });
      const begun = performance.now();
      const [download] = await Promise.all([page.waitForEvent("download"), save.click()]);
      const seconds = (performance.now() - begun) / 1000;
      assert.equal(await sha256(await download.path()), await sha256(`${data}/large.img`));
      console.log(`500 MB in ${seconds.toFixed(1)} s`);
      await page.keyboard.press("Escape");
      await file(page, "many").click();
      await page.getByText("many").first().waitFor();
      await file(page, "19").waitFor();
      const [archive] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: "Save folder…" }).click(),
      ]);
      const target = `${made.directory}/unpacked`;
      const unzip = await new Deno.Command("unzip", { args: ["-q", await archive.path(), "-d", target] })
        .output();
      assert.ok(unzip.success, new TextDecoder().decode(unzip.stderr));
      for (let i = 0; i < FILES; i++) {
        const name = `many/${i % 20}/${i}`;
        assert.equal(await sha256(`${target}/${name}`), await sha256(`${data}/${name}`), name);
      }
    });
  },
});
