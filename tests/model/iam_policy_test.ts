import assert from "node:assert/strict";
import { atLeast } from "../../src/base/at_least.ts";
import { iamPolicy, type Policy } from "../../src/model/iam_policy.ts";

const HOST = "abcdefghijklmnopqrstuvwxyz";
const PLACE = { bucket: "b", prefix: "backups", host: HOST, locks: false, kms: false };

function allowed(policy: Policy): string[] {
  return policy.Statement.filter(({ Effect }) => Effect === "Allow").flatMap(({ Action }) => Action).sort();
}

Deno.test("a source may add and list, read what is marked for deletion and nothing else, and remove nothing", () => {
  const policy = iamPolicy("source", PLACE);
  assert.deepEqual(allowed(policy), [
    "s3:AbortMultipartUpload",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutObject",
  ]);
  const read = policy.Statement.find(({ Action }) => Action.includes("s3:GetObject"))!;
  assert.equal(read.Resource, `arn:aws:s3:::b/backups/hosts/${HOST}/prune/*`);
  const [add] = atLeast(1, policy.Statement);
  assert.equal(add.Resource, `arn:aws:s3:::b/backups/hosts/${HOST}/*`);
});

Deno.test("a source is denied every way to make an object without the condition that it is new", () => {
  const deny = iamPolicy("source", PLACE).Statement.find(({ Effect }) => Effect === "Deny")!;
  assert.deepEqual(deny.Action, ["s3:PutObject"]);
  assert.deepEqual(deny.Condition, {
    Null: { "s3:if-none-match": "true" },
    Bool: { "s3:ObjectCreationOperation": "true" },
  });
});

Deno.test("only the administrator may remove, only restores ask back from cold storage", () => {
  assert.ok(allowed(iamPolicy("administrator", PLACE)).includes("s3:DeleteObject"));
  assert.deepEqual(allowed(iamPolicy("restore", PLACE)), [
    "s3:GetObject",
    "s3:ListBucket",
    "s3:RestoreObject",
  ]);
});

Deno.test("rights to lock and to use keys are there where they are needed", () => {
  const place = { ...PLACE, locks: true, kms: true };
  assert.ok(allowed(iamPolicy("source", place)).includes("s3:PutObjectRetention"));
  assert.ok(allowed(iamPolicy("source", place)).includes("kms:GenerateDataKey"));
  assert.deepEqual(allowed(iamPolicy("restore", place)).filter((action) => action.startsWith("kms:")), [
    "kms:Decrypt",
  ]);
});

Deno.test("every right of a source ends at its host's directory", () => {
  for (const prefix of ["", "a/b"]) {
    const directory = `${prefix === "" ? "" : `${prefix}/`}hosts/${HOST}`;
    for (
      const { Effect, Action, Resource, Condition } of iamPolicy("source", { ...PLACE, prefix }).Statement
    ) {
      if (Effect === "Deny") continue;
      if (Action.includes("s3:ListBucket")) {
        assert.deepEqual(Condition, { StringLike: { "s3:prefix": [`${directory}/*`] } });
      } else assert.ok(Resource.startsWith(`arn:aws:s3:::b/${directory}/`), Resource);
    }
  }
});

Deno.test("a prefix bounds what administrators list, and no prefix is the whole bucket", () => {
  const list = (prefix: string) =>
    iamPolicy("administrator", { ...PLACE, prefix }).Statement.find(({ Action }) =>
      Action.includes("s3:ListBucket")
    )!;
  assert.deepEqual(list("a/b").Condition, { StringLike: { "s3:prefix": ["a/b/*"] } });
  assert.equal(list("").Condition, undefined);
  assert.equal(
    iamPolicy("administrator", { ...PLACE, prefix: "" }).Statement[0]!.Resource,
    "arn:aws:s3:::b/*",
  );
});
