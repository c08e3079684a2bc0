import assert from "node:assert/strict";
import { endsPage, FNV_START, hashPath, PAGE_ENTRIES_MAX } from "../../../src/model/page_cut.ts";
import { LocalBackup } from "./local_backup.ts";
import { settledTimes } from "../../fixtures/settled_times.ts";

Deno.test("pages that end by the most entries shift as in a scan of everything, up to the next that ends by its last path", async () => {
  const directory = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "vaultik-limit-" }));
  try {
    const data = `${directory}/data`;
    for (const name of ["a", "b", "z"]) Deno.mkdirSync(`${data}/${name}`, { recursive: true });
    const touch = (path: string) => Deno.writeFileSync(path, new Uint8Array(0));
    const ends = (path: string) => endsPage(hashPath(FNV_START, path));
    for (let i = 10_000, made = 0; made < PAGE_ENTRIES_MAX * 1.5; i++) {
      if (ends(`${data}/b/${i}`)) continue;
      touch(`${data}/b/${i}`);
      made++;
    }
    for (let i = 0; i < 2000; i++) touch(`${data}/z/${i}`);
    const scan = async (path: string, changes?: { directories: string[]; subtrees: string[] }) => {
      using backup = new LocalBackup(path);
      const { pages, scanned } = await backup.scan({ roots: [data], changes });
      backup.commit();
      return {
        scanned,
        ids: pages.map(({ id }) => id).slice(1),
        entries: pages.map(({ entries }) => entries),
      };
    };
    const first = await scan(`${directory}/index`);
    assert.ok(first.entries.includes(PAGE_ENTRIES_MAX));
    let added = 0;
    while (ends(`${data}/a/${added}`)) added++;
    touch(`${data}/a/${added}`);
    await settledTimes();
    Deno.copyFileSync(`${directory}/index`, `${directory}/copy`);
    const part = await scan(`${directory}/index`, { directories: [`${data}/a`], subtrees: [] });
    const all = await scan(`${directory}/copy`);
    assert.deepEqual([part.scanned, all.scanned], ["changes", "all"]);
    assert.deepEqual([part.ids, part.entries], [all.ids, all.entries]);
    assert.notDeepEqual(part.ids, first.ids);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});
