import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { parentOf } from "../../src/model/path.ts";
import { cString, isPortable, O_NOFOLLOW } from "../../src/platform/libc.ts";
import { openFile, openInSteps, openNoLinks, ParentDirectory } from "../../src/platform/no_links.ts";
import { closeFile, readAt, readLinkIn, SystemError } from "../../src/platform/read.ts";
import { S_IFLNK, S_IFREG } from "../../src/platform/stat.ts";
import { walk } from "../../src/scan/walk.ts";
import { Swapper } from "../fixtures/swapper.ts";
import { hasPython } from "../fixtures/tree.ts";
import { inDirectory, make } from "./walked.ts";

const ROUNDS = 1_000;
const OPTIONS = { isExcluded: () => false, oneFileSystem: false, excludeCaches: false, onSkipped() {} };

/** What `read` gives; `undefined` where the path does not lead there at this moment. */
function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}

function readText(open: (path: Uint8Array<ArrayBuffer>) => number, path: string): string {
  const fd = open(cString(path));
  try {
    const buffer = Buffer.alloc(100);
    return buffer.toString("latin1", 0, readAt(fd, buffer, 0));
  } finally {
    closeFile(fd);
  }
}

Deno.test({
  name:
    `${ROUNDS} rounds: a directory that changes places with a link all the time is never followed out of its root` +
    (hasPython ? "" : " (skipped: no python3)"),
  ignore: !hasPython,
  fn: () =>
    inDirectory(async (directory) => {
      make(directory, "root/a/victim/file", "secret/file");
      Deno.writeTextFileSync(`${directory}/secret/only-here`, "secret");
      Deno.symlinkSync("SECRET", `${directory}/secret/link`);
      Deno.symlinkSync("plain", `${directory}/root/a/victim/link`);
      Deno.symlinkSync(`${directory}/secret`, `${directory}/root/evil`);
      const swapper = await Swapper.start(`${directory}/root/a/victim`, `${directory}/root/evil`);
      const seen = new Set<string>();
      for (let round = 0; round < ROUNDS || !seen.has("gone") && round < 100 * ROUNDS; round++) {
        using parent = new ParentDirectory();
        for (const { path, stat } of walk([`${directory}/root`], { ...OPTIONS, onUnreadable() {} })) {
          seen.add(path.slice(path.lastIndexOf("/") + 1));
          const { type } = stat;
          for (
            const open of type === S_IFREG ? [openFile, (at: typeof PATH) => openInSteps(at, O_NOFOLLOW)] : []
          ) {
            seen.add(orUndefined(() => readText(open, path)) ?? "gone");
          }
          const isLink = type === S_IFLNK && path.endsWith("/link");
          if (isLink) seen.add(orUndefined(() => readLinkIn(parent.open(parentOf(path)), "link")) ?? "gone");
        }
      }
      const swaps = await swapper.stop();
      assert.ok(swaps > 0);
      for (const secret of ["secret", "SECRET", "secret/file", "only-here"]) {
        assert.ok(!seen.has(secret), secret);
      }
      for (const met of ["root/a/victim/file", "plain", "gone"]) {
        assert.ok(seen.has(met), `${met} was never met`);
      }
    }),
});

const PATH = cString("");

for (const [how, open] of [["openNoLinks", openNoLinks], ["openInSteps", openInSteps]] as const) {
  Deno.test(
    `${how}() opens a path however long it is, and none with a link in it`,
    { ignore: isPortable },
    () =>
      inDirectory((directory) => {
        make(directory, "a/file");
        Deno.symlinkSync("a", `${directory}/link`);
        Deno.symlinkSync("a/file", `${directory}/file-link`);
        const openPath = (path: string) => readText((at) => open(at, O_NOFOLLOW), path);
        assert.equal(openPath(`${directory}/a/file`), "a/file");
        for (const name of ["link/file", "file-link"]) {
          assert.throws(() => openPath(`${directory}/${name}`), SystemError);
        }
        closeFile(open(cString("/"), 0));
        const before = Deno.cwd();
        try {
          Deno.chdir(directory);
          const name = "n".repeat(250);
          for (let level = 0; level < 20; level++) {
            Deno.mkdirSync(name);
            Deno.chdir(name);
          }
          Deno.writeTextFileSync("deep", "deep");
        } finally {
          Deno.chdir(before);
        }
        assert.equal(openPath(`${directory}/${("n".repeat(250) + "/").repeat(20)}deep`), "deep");
      }),
  );
}
