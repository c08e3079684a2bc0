import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { DamagedIndexError } from "../../src/base/errors.ts";
import { fromHex } from "../../src/base/bytes.ts";
import { Index } from "../../src/index/index.ts";
import { placeCheck, rowCheck } from "../../src/index/row_check.ts";
import { idOf, pageOf, uploadOf, withPath } from "./opened.ts";

Deno.test("placeCheck() and rowCheck() differ where any bit differs", () => {
  const id = fromHex(idOf(7));
  const place = placeCheck(id, 3, 1000, 2000);
  const row = rowCheck([id, 2 ** 40, 5]);
  for (let bit = 0; bit < 256; bit++) {
    const other = id.slice();
    other[bit >> 3]! ^= 1 << (bit & 7);
    assert.notEqual(placeCheck(other, 3, 1000, 2000), place);
    assert.notEqual(rowCheck([other, 2 ** 40, 5]), row);
  }
  for (let bit = 0; bit < 31; bit++) {
    assert.notEqual(placeCheck(id, 3 ^ (1 << bit), 1000, 2000), place);
    assert.notEqual(placeCheck(id, 3, 1000 ^ (1 << bit), 2000), place);
    assert.notEqual(placeCheck(id, 3, 1000, 2000 ^ (1 << bit)), place);
  }
  for (let bit = 0; bit < 53; bit++) {
    assert.notEqual(rowCheck([id, 2 ** 40 + (bit === 40 ? -1 : 2 ** bit), 5]), row);
  }
});

const PAGE = pageOf("/a", "/b");

/** Of each table whose rows decide what a snapshot says: a column, and who meets a wrong value of it. */
const ROWS: [table: string, column: string, meet: (index: Index) => unknown][] = [
  ["chunk", "blob", (index) => index.blobs.find("blobs", fromHex(idOf(1)))],
  ["chunk", "offset", (index) => index.blobs.find("blobs", fromHex(idOf(1)))],
  ["chunk", "length", (index) => index.blobs.find("blobs", fromHex(idOf(1)))],
  ["page_place", "offset", (index) => index.blobs.find("pages", fromHex(idOf(2)))],
  ["blob", "size", (index) => [...index.blobs.describe([1])]],
  ["upload", "size", (index) => index.blobs.interrupted()],
  ["page", "length", (index) => index.pages.last("home")],
  ["page", "bytes", (index) => index.pages.unchanged("home", "/a", PAGE.stamps)],
  ["last_backup", "fits", (index) => index.pages.last("home")],
  ["list_blobs", "fits", (index) => index.listBlobs(idOf(9))],
];

for (const [table, column, meet] of ROWS) {
  Deno.test(`a wrong value of ${column} in ${table} is met as damage, and found by faults()`, () =>
    withPath((path) => {
      {
        using index = new Index(path);
        index.blobs.finish(uploadOf(idOf(3), "blobs", [{ id: idOf(1), offset: 5, length: 6 }]));
        index.blobs.finish(uploadOf(idOf(4), "pages", [{ id: idOf(2), offset: 5, length: 6 }]));
        index.blobs.sortIn();
        index.blobs.begin(uploadOf(idOf(5), "blobs", []));
        const page = index.pages.add("home", PAGE);
        index.pages.finish("home", "id", {
          selection: "s",
          pages: [page.number],
          unsettled: ["/a"],
          leftOut: [],
        });
        index.addListBlobs(idOf(9), [{ number: 1, liveBytes: 6 }]);
        meet(index);
        assert.deepEqual(index.faults(), []);
      }
      const database = new DatabaseSync(path);
      database.exec(`UPDATE ${table} SET ${column} = ${column} + 1`);
      database.close();
      using index = new Index(path);
      assert.equal(index.replaced, undefined);
      assert.throws(() => meet(index), DamagedIndexError);
      if (!["upload", "list_blobs"].includes(table)) assert.notDeepEqual(index.faults(), []);
    }));
}
