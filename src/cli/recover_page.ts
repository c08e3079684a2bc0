import { NotFoundError } from "../base/errors.ts";

const MADE = new URL("../../dist/recover.html", import.meta.url);

/** The page that opens a store in a browser: in the executable it is built in; a checkout has it after `deno task page`. */
export async function recoverPage(): Promise<string | undefined> {
  const { builtInPage } = await import("./built_in_page.ts");
  if (builtInPage !== undefined) return builtInPage;
  try {
    return await Deno.readTextFile(MADE);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The same, where there is no going on without it. Throws `NotFoundError`. */
export async function neededPage(): Promise<string> {
  const page = await recoverPage();
  if (page !== undefined) return page;
  throw new NotFoundError(
    "Cannot find the page: a checkout has it after deno task page",
  );
}
