import assert from "node:assert/strict";
import { RefusedError } from "../../src/base/errors.ts";
import { removeObjects } from "../../src/store/remove_objects.ts";
import { reply } from "../fixtures/raw_server.ts";
import { flood, hostileTest, MIB, ok } from "./hostile_server.ts";

/** What answers to one request for many objects with `body`, and to each other one that it is done. */
function removals(name: string, status: number, body: string, said: RegExp): void {
  const singles: string[] = [];
  hostileTest(name, {
    answer: (request) => {
      if (request.method === "POST") return reply(request, status, body);
      singles.push(request.url);
      return reply(request, 204, "");
    },
    prove: async (store) => {
      assert.deepEqual(await removeObjects(store, ["a", "b"]), []);
      assert.deepEqual(singles.sort(), ["/vaultik/a?x-id=DeleteObject", "/vaultik/b?x-id=DeleteObject"]);
      assert.match(store.abilities!.manyRemovals.said!, said);
      await removeObjects(store, ["c", "d"]);
    },
    mostRequests: 5,
  });
}

const deleted = (key: string) => `<Deleted><Key>${key}</Key></Deleted>`;
const notNamed = /does not name each object/;
removals(
  "a removal that names other objects is none",
  200,
  `<DeleteResult>${deleted("x")}</DeleteResult>`,
  notNamed,
);
removals(
  "a removal that names some of the objects is none",
  200,
  `<DeleteResult>${deleted("a")}</DeleteResult>`,
  notNamed,
);
removals("a removal that names nothing is none", 200, "", notNamed);
removals("a page for a login is no removal", 200, "<html><body>Log in<br></body></html>", /200|not name/);
removals("nonsense is no removal", 200, "{<<", /200|not name/);
for (const status of [400, 403, 404, 405, 411, 501]) {
  removals(
    `a removal that is answered by ${status} is asked for one by one`,
    status,
    "",
    RegExp(`${status}`),
  );
}

hostileTest("an answer of 200 MB to a removal is not taken", {
  answer: (request, _, sent) =>
    request.method === "POST"
      ? flood(request, ok(200 * MIB), deleted("a"), 200 * MIB, sent)
      : reply(request, 204, ""),
  prove: async (store) => {
    assert.deepEqual(await removeObjects(store, ["a", "b"]), []);
    assert.match(store.abilities!.manyRemovals.said!, /longer than/);
  },
});

hostileTest("of an object that is removed and not removed, it is taken that it is not", {
  answer: (request) => {
    const error = "<Error><Key>a</Key><Code>AccessDenied</Code><Message>&#27;[2J</Message></Error>";
    return request.method === "POST"
      ? reply(request, 200, `<DeleteResult>${deleted("a")}${deleted("b")}${error}</DeleteResult>`)
      : reply(request, 403, "<Error><Code>AccessDenied</Code></Error>");
  },
  prove: async (store) => {
    const [left] = (await store.removeMany!(["a", "b"]))!;
    assert.equal(left!.name, "a");
    assert.ok(left!.error instanceof RefusedError);
    assert.doesNotMatch(left!.error.message, /[\p{Cc}]/u);
    await assert.rejects(removeObjects(store, ["a", "b"]), RefusedError);
  },
});
