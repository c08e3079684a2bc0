import { ExistsError, RefusedError } from "../base/errors.ts";
import { README_NAME, RECOVER_PAGE_NAME } from "../model/names.ts";
import { STORE_README } from "../model/readme_text.ts";
import type { Tools } from "../read/tools.ts";

type Outcome = "made" | "there" | "refused";

/**
 * Puts into the store what explains it, and the page that opens it in a browser where there is one; what is there stays. Credentials that
 * reach no further than the host's directory may not: that is said, and is no fault.
 */
export async function explainStore(tools: Tools, page: string | undefined): Promise<void> {
  const readme = await putNew(tools, README_NAME, STORE_README);
  const isRefused = readme === "refused" ||
    page !== undefined && await putPage(tools, page, readme === "made") === "refused";
  if (!isRefused) return;
  const text =
    `${README_NAME}, which explains the store, is not put there: the credentials reach the host's directory only`;
  tools.report({ kind: "note", text });
}

async function putNew({ store, signal }: Tools, name: string, text: string): Promise<Outcome> {
  return await unlessRefused(async () => {
    try {
      await store.put(name, new TextEncoder().encode(text), { signal, createOnly: true });
      return "made";
    } catch (error) {
      if (error instanceof ExistsError) return "there";
      throw error;
    }
  });
}

/** A store that is not new may have the page, and is not sent it to refuse it. */
async function putPage(tools: Tools, page: string, isNewStore: boolean): Promise<Outcome> {
  return await unlessRefused(async () => {
    const { store, signal } = tools;
    if (!isNewStore && await store.size(RECOVER_PAGE_NAME, { signal }) !== undefined) return "there";
    return await putNew(tools, RECOVER_PAGE_NAME, page);
  });
}

async function unlessRefused(put: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await put();
  } catch (error) {
    if (error instanceof RefusedError) return "refused";
    throw error;
  }
}
