import assert from "node:assert/strict";
import { iamPolicy, type Policy } from "../../src/model/iam_policy.ts";

const PLACE = { bucket: "b", prefix: "web1", locks: false, kms: false };

function allowed(policy: Policy): string[] {
  return policy.Statement.filter(({ Effect }) => Effect === "Allow").flatMap(({ Action }) => Action).sort();
}

Deno.test("a source may add and list, read what is condemned and nothing else, and remove nothing", () => {
  const policy = iamPolicy("source", PLACE);
  assert.deepEqual(allowed(policy), [
    "s3:AbortMultipartUpload",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutObject",
  ]);
  const read = policy.Statement.find(({ Action }) => Action.includes("s3:GetObject"))!;
  assert.equal(read.Resource, "arn:aws:s3:::b/web1/prune/*");
  const [add] = policy.Statement;
  assert.equal(add.Resource, "arn:aws:s3:::b/web1/*");
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

Deno.test("a prefix bounds what is listed, and no prefix is the whole bucket", () => {
  const list = (prefix: string) =>
    iamPolicy("source", { ...PLACE, prefix }).Statement.find(({ Action }) =>
      Action.includes("s3:ListBucket")
    )!;
  assert.deepEqual(list("a/b").Condition, { StringLike: { "s3:prefix": ["a/b/*"] } });
  assert.equal(list("").Condition, undefined);
  assert.equal(iamPolicy("source", { ...PLACE, prefix: "" }).Statement[0].Resource, "arn:aws:s3:::b/*");
});
