import assert from "node:assert/strict";
import { Index } from "../../src/index/index.ts";
import type { ListRef } from "../../src/model/blob_list.ts";
import { idOf, withPath } from "./opened.ts";

const key = (byte: number) => new Uint8Array(32).fill(byte);
const A: ListRef = [idOf(1), 2 ** 19, 4096];
const B: ListRef = [idOf(2), 10, 1];

Deno.test("lists are found by what they name, also by the next run, until they are forgotten", () =>
  withPath((path) => {
    {
      using index = new Index(path);
      assert.equal(index.lists.find(key(7)), undefined);
      index.lists.add(key(7), A);
      index.lists.add(key(8), B);
      index.lists.add(key(8), B);
    }
    using index = new Index(path);
    const { lists } = index;
    assert.deepEqual([lists.find(key(7)), lists.find(key(8)), lists.find(key(9))], [A, B, undefined]);
    assert.deepEqual(lists.all().sort((a, b) => b.size - a.size), [
      { id: A[0], size: A[1] },
      { id: B[0], size: B[1] },
    ]);
    assert.deepEqual(lists.known([idOf(3), B[0], A[0]]), [B[0], A[0]]);
    lists.forget([A[0], idOf(3)]);
    assert.deepEqual([lists.find(key(7)), lists.find(key(8))], [undefined, B]);
  }));
