import type { Browser } from "playwright-core";
import { type BackedUp, backedUp } from "./backed_up.ts";
import { BROWSER, withBrowser } from "./browser.ts";

/** Runs `work` with a browser and a store; where there is no browser the test is left out. */
export function test(name: string, work: (browser: Browser, made: BackedUp) => Promise<void>): void {
  Deno.test({
    name,
    // Debian has it as the package chromium.
    ignore: BROWSER === undefined,
    sanitizeResources: false,
    sanitizeOps: false,
    async fn() {
      await using made = await backedUp();
      await withBrowser((browser) => work(browser, made));
    },
  });
}
