import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import type { BackedUp } from "./backed_up.ts";
import { problemsOf, withoutPickers } from "./browser.ts";

/** Opens an address. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ acceptDownloads: true, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  await withoutPickers(page);
  const problems = problemsOf(page);
  await page.goto(url);
  return { page, problems };
}

/** From the file, without a network, up to the files. */
export async function openFromFile(browser: Browser, made: BackedUp, options: BrowserContextOptions = {}) {
  const opened = await openPage(browser, `file://${made.page}`, { offline: true, ...options });
  await opened.page.setInputFiles("#folder", made.store);
  await unlockWith(opened.page, made.identity);
  return opened;
}

/** Types in the key. */
export async function unlockWith(page: Page, identity: string): Promise<void> {
  await page.getByLabel("Private key (identity)").fill(identity);
  await page.getByRole("button", { name: "Unlock" }).click();
  await page.getByRole("region", { name: "Time line" }).waitFor();
}

/** The row of a file or folder. */
export const file = (page: Page, name: string) =>
  page.locator("table .name").filter({ hasText: name }).first();
