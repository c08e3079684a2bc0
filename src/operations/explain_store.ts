import { ExistsError, RefusedError } from "../base/errors.ts";
import { README_NAME, RECOVER_PAGE_NAME } from "../model/names.ts";
import { STORE_README } from "../model/readme_text.ts";
import type { Tools } from "../read/tools.ts";

/**
 * Puts into the store what explains it, and the page that opens it in a browser where there is one; what is there stays. Credentials that
 * reach no further than the host's directory may not: that is said, and is no fault.
 */
export async function explainStore(tools: Tools, page: string | undefined): Promise<void> {
  const { store, signal } = tools;
  try {
    const isNewStore = await putNew(tools, README_NAME, STORE_README);
    if (page === undefined) return;
    // A store that is not new may have the page, and is not sent it to refuse it.
    const isThere = !isNewStore && await store.size(RECOVER_PAGE_NAME, { signal }) !== undefined;
    if (!isThere) await putNew(tools, RECOVER_PAGE_NAME, page);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const text =
      `${README_NAME}, which explains the store, is not put there: the credentials reach the host's directory only`;
    tools.report({ kind: "note", text });
  }
}

/** Whether it was not there. */
async function putNew({ store, signal }: Tools, name: string, text: string): Promise<boolean> {
  try {
    await store.put(name, new TextEncoder().encode(text), { signal, createOnly: true });
    return true;
  } catch (error) {
    if (error instanceof ExistsError) return false;
    throw error;
  }
}
