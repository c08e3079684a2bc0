import assert from "node:assert/strict";
import { CorruptionError } from "../../../src/base/errors.ts";
import { blobName } from "../../../src/model/names.ts";
import { parsePathPattern } from "../../../src/model/path_pattern.ts";
import { FrameCache } from "../../../src/operations/browse/frame_cache.ts";
import { FrameThreads } from "../../../src/operations/browse/frame_threads.ts";
import { openForBrowsing } from "../../../src/operations/browse/open_snapshot.ts";
import { Machine } from "../machine.ts";
import { browserOf } from "./browsed.ts";

Deno.test("threads find in pages what this thread finds, and say of the same ones that they are lost", async () => {
  await using machine = await Machine.make();
  machine.writePages(3);
  const first = await machine.backUp();
  machine.write("many/1-file-5.conf");
  const { id } = await machine.backUp();
  using threads = new FrameThreads(1);
  const browser = browserOf(machine);
  const { test } = parsePathPattern("*-file-5*");
  const search = async (frames: FrameCache, id: string) => {
    const browsed = await openForBrowsing({ ...browser, frames }, machine.tools(), id);
    const pages = [...browsed.snapshot.pages];
    // A page that is not what its id says.
    const wrong = { ...pages[1]!, id: "00".repeat(32) };
    return { pages, found: await browsed.search([...pages, wrong], test) };
  };
  const text = (found: object) => found instanceof CorruptionError ? found.message : found;
  for (const one of [first.id, id]) {
    const here = await search(browserOf(machine).frames, one);
    const there = await search(new FrameCache(threads), one);
    assert.deepEqual(there.found.map(text), here.found.map(text));
    assert.ok(here.found.at(-1) instanceof CorruptionError);
    assert.equal(
      here.found.slice(0, -1).filter((found) => "lines" in found && found.lines.length > 0).length,
      3,
    );
  }
  const { pages } = await search(browser.frames, id);
  await machine.store.remove(blobName("pages", pages[1]!.blob));
  const { found } = await search(new FrameCache(threads), id);
  assert.deepEqual(
    found.map((one) => one instanceof Error),
    pages.map(({ blob }) => blob === pages[1]!.blob).concat(true),
  );
});
