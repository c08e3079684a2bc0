import type { Page } from "playwright-core";

const SOURCE = await axeSource();

/** axe-core as one script. */
async function axeSource(): Promise<string> {
  const { default: axe } = await import("axe-core");
  return axe.source;
}

/** What axe-core has against a page. */
export class AxeBuilder {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** A line for each violation, best practices among them. */
  async violations(): Promise<string[]> {
    // The policy of the page lets no script in: the debugger may.
    await this.#page.evaluate(SOURCE);
    return await this.#page.evaluate(async () => {
      const { axe, document } = globalThis as any;
      const { violations } = await axe.run(document);
      return violations.map(({ id, nodes }: any) =>
        `${id}: ${nodes.map(({ html }: any) => html).join(" ").slice(0, 300)}`
      );
    });
  }
}
