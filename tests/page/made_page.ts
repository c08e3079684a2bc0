import { stop } from "npm:esbuild@0.28.2";
import { makePage } from "../../bench/page.ts";
import { installPackages } from "../../bench/packages.ts";

let made: Promise<string> | undefined;

/** The page as it is made of the sources now. */
export function madePage(): Promise<string> {
  return made ??= make();
}

async function make(): Promise<string> {
  const scratch = await Deno.makeTempDir({ prefix: "vaultik-page-" });
  try {
    return await makePage(await installPackages(scratch));
  } finally {
    await stop();
    await Deno.remove(scratch, { recursive: true });
  }
}
