import { ExistsError, RefusedError } from "../base/errors.ts";
import { README_NAME, RECOVER_PAGE_NAME } from "../model/names.ts";
import { STORE_README } from "../model/readme_text.ts";
import type { Tools } from "../read/tools.ts";

/**
 * Puts into the store what explains it, and the page that opens it in a browser where there is one; what is there stays. Credentials that
 * reach no further than the host's directory may not: that is said, and is no fault.
 */
export async function explainStore(
  { store, signal, report }: Tools,
  page: string | undefined,
): Promise<void> {
  const files: [string, string | undefined][] = [[README_NAME, STORE_README], [
    RECOVER_PAGE_NAME,
    page,
  ]];
  for (const [name, text] of files) {
    if (text === undefined) continue;
    try {
      if (await store.size(name, { signal }) !== undefined) continue;
      await store.put(name, new TextEncoder().encode(text), {
        signal,
        createOnly: true,
      });
    } catch (error) {
      if (error instanceof ExistsError) continue;
      if (!(error instanceof RefusedError)) throw error;
      const text =
        `${name}, which explains the store, is not put there: the credentials reach the host's directory only`;
      report({ kind: "note", text });
      return;
    }
  }
}
