import { build, stop } from "npm:esbuild@0.28.2";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { documentOf } from "../page/document.ts";
import { installPackages, ROOT } from "./packages.ts";

// Makes dist/recover.html: one file that has all it needs in it.

const PAGE = join(ROOT, "page");
export const OUTPUT = join(ROOT, "dist/recover.html");

/** What a browser does not have, and what the page has in its place. */
const IN_PLACE_OF: Readonly<Record<string, string>> = {
  "node:buffer": "runtime/buffer.ts",
  "node:crypto": "runtime/crypto.ts",
  "node:path/posix": "runtime/path.ts",
  "node:zlib": "runtime/zlib.ts",
};
const PLATFORM = /\/platform\/(durable_file|linux\/lib(?:crypto|zstd)|memory|sha256)\.ts$/;

/** The page, made with the packages in `nodeModules`. The same sources give the same bytes. */
export async function makePage(nodeModules: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(PAGE, "main.ts"), join(PAGE, "style.css")],
    outdir: "/made",
    absWorkingDir: ROOT,
    nodePaths: [nodeModules],
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2023",
    legalComments: "none",
    charset: "utf8",
    plugins: [{
      name: "runtime",
      setup({ onResolve }) {
        onResolve({ filter: /^node:/ }, ({ path }) => {
          if (path in IN_PLACE_OF) {
            return { path: join(PAGE, IN_PLACE_OF[path]!) };
          }
          return {
            errors: [{ text: `The page has nothing in the place of ${path}` }],
          };
        });
        onResolve(
          { filter: PLATFORM },
          () => ({ path: join(PAGE, "runtime/platform.ts") }),
        );
      },
    }],
  });
  const textOf = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))!.text.trim();
  // What ends the element would end it in a string too.
  const js = textOf(".js").replaceAll("</script", "<\\/script").replaceAll(
    "<!--",
    "<\\!--",
  );
  const css = textOf(".css");
  return documentOf({
    js,
    css,
    scriptHash: hashOf(js),
    styleHash: hashOf(css),
  });
}

/** As a policy names a script that may run. */
function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

if (import.meta.main) {
  const scratch = await Deno.makeTempDir({ prefix: "vaultik-page-" });
  try {
    const page = await makePage(await installPackages(scratch));
    await Deno.mkdir(join(ROOT, "dist"), { recursive: true });
    await Deno.writeTextFile(OUTPUT, page);
    console.log(`${OUTPUT} (${(page.length / 1e3).toFixed(0)} kB)`);
  } finally {
    await stop();
    await Deno.remove(scratch, { recursive: true });
  }
}
