import { ExistsError, RefusedError } from "../base/errors.ts";
import { README_NAME, RECOVER_PAGE_NAME } from "../model/names.ts";
import { STORE_README } from "../model/readme_text.ts";
import type { Tools } from "../read/tools.ts";

/**
 * Puts into the store what explains it, and the page that opens it in a browser where there is one; what is there stays. Credentials that
 * reach no further than the host's directory may not: that is said, and is no fault.
 */
export async function explainStore(tools: Tools, page: string | undefined): Promise<void> {
  const refused = (await Promise.all([
    putNew(tools, README_NAME, STORE_README),
    page === undefined ? "there" : putNewPage(tools, page),
  ])).includes("refused");
  if (!refused) return;
  const text =
    `${README_NAME}, which explains the store, is not put there: the credentials reach the host's directory only`;
  tools.report({ kind: "note", text });
}

async function putNew({ store, signal }: Tools, name: string, text: string): Promise<"there" | "refused"> {
  try {
    await store.put(name, new TextEncoder().encode(text), { signal, createOnly: true });
  } catch (error) {
    if (error instanceof RefusedError) return "refused";
    if (!(error instanceof ExistsError)) throw error;
  }
  return "there";
}

/** A store that has the page is not sent it to be refused. */
async function putNewPage(tools: Tools, page: string): Promise<"there" | "refused"> {
  const { store, signal } = tools;
  try {
    if (await store.size(RECOVER_PAGE_NAME, { signal }) !== undefined) return "there";
  } catch (error) {
    if (error instanceof RefusedError) return "refused";
    throw error;
  }
  return await putNew(tools, RECOVER_PAGE_NAME, page);
}
