import { type Browser, chromium, type Page } from "playwright-core";

// Debian's chromium, driven without a display. Where there is none, the tests of the page are left out and say so.

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

async function findBrowser(): Promise<string | undefined> {
  for (const path of PLACES) {
    try {
      if ((await Deno.stat(path)).isFile) return path;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return undefined;
}

export const BROWSER = await findBrowser();

/** Runs `work` with a browser that ends with it. */
export async function withBrowser(work: (browser: Browser) => Promise<void>): Promise<void> {
  const browser = await chromium.launch({ executablePath: BROWSER, args: ["--no-sandbox"] });
  try {
    await work(browser);
  } finally {
    await browser.close();
  }
}

/** Without the dialogs of the system, which no test can answer: folders come by an input, files by a download. */
export async function withoutPickers(page: Page): Promise<void> {
  await page.addInitScript(() => {
    delete (globalThis as any).showDirectoryPicker;
    delete (globalThis as any).showSaveFilePicker;
  });
}

/** What a page says of itself that is wrong. */
export function problemsOf(page: Page): string[] {
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  return problems;
}
