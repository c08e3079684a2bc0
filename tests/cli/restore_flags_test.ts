import assert from "node:assert/strict";
import { UsageError } from "../../src/base/errors.ts";
import { ownersOf } from "../../src/cli/owner_map.ts";
import { wantedOf } from "../../src/cli/wanted_paths.ts";

const WANTED: [words: string[], paths: string[], include: string[] | undefined][] = [
  [["id"], [], undefined],
  [["id", "/etc/hosts", "/srv/"], ["/etc/hosts", "/srv"], undefined],
  [["id:/etc"], ["/etc"], undefined],
  [["id:/etc", "*.conf"], ["/etc"], ["*.conf"]],
  [["id", "/etc/*.d"], [], ["/etc/*.d"]],
];

for (const [[id, ...words], paths, include] of WANTED) {
  Deno.test(`restore ${[id, ...words].join(" ")} wants the paths [${paths}] and the patterns [${include}]`, () => {
    assert.deepEqual(wantedOf(id!, words), { snapshot: "id", paths, include });
  });
}

Deno.test("a path that is not absolute is refused", () => {
  for (const words of [["etc"], ["./x"]]) assert.throws(() => wantedOf("id", words), UsageError);
  assert.throws(() => wantedOf("id:etc", []), UsageError);
});

Deno.test("owners are mapped by number, and only root gets devices by default", () => {
  const owners = ownersOf({ owner: true, ownerMap: ["user:0=1000", "group:5=6"] }, true);
  assert.deepEqual([...owners.ownerMap!.users, ...owners.ownerMap!.groups], [[0, 1000], [5, 6]]);
  assert.equal(owners.noSpecial, false);
  assert.equal(ownersOf({ owner: true }, false).noSpecial, true);
  for (const map of ["0=1", "user:x=1", "user:1", "group:1=4294967296"]) {
    assert.throws(() => ownersOf({ owner: true, ownerMap: [map] }, true), UsageError, map);
  }
});
