import {
  below,
  keyStatement,
  listStatement,
  objectStatement,
  type PolicyPlace,
  type Statement,
} from "./iam_statements.ts";
import { hostPrefix } from "./names.ts";

/** Who holds the credentials: a machine that is backed up, who keeps order in the bucket, who restores. */
export type Role = "source" | "administrator" | "restore";

export interface Policy {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

/** The least rights with which `role` can do its work, as a policy of AWS's IAM. */
export function iamPolicy(role: Role, place: PolicyPlace): Policy {
  const statements = { source, administrator, restore }[role](place);
  return { Version: "2012-10-17", Statement: statements.filter((statement) => statement.Action.length > 0) };
}

function source(store: PolicyPlace): Statement[] {
  const place = { ...store, prefix: below(store.prefix, hostPrefix(store.host).slice(0, -1)) };
  return [
    objectStatement("Add", place, [
      "s3:PutObject",
      "s3:AbortMultipartUpload",
      ...place.locks ? ["s3:PutObjectRetention"] : [],
    ]),
    {
      ...objectStatement("NeverReplace", place, ["s3:PutObject"]),
      Effect: "Deny",
      // Only these two make an object; the parts of an upload cannot have the condition.
      Condition: { Null: { "s3:if-none-match": "true" }, Bool: { "s3:ObjectCreationOperation": "true" } },
    },
    objectStatement("SeeWhatIsMarked", { ...place, prefix: below(place.prefix, "prune") }, ["s3:GetObject"]),
    listStatement(place),
    keyStatement(place, ["kms:GenerateDataKey", "kms:Decrypt"]),
  ];
}

function administrator(place: PolicyPlace): Statement[] {
  const locks = place.locks ? ["s3:PutObjectRetention", "s3:GetObjectRetention"] : [];
  return [
    objectStatement("Manage", place, [
      "s3:GetObject",
      "s3:PutObject",
      "s3:DeleteObject",
      "s3:AbortMultipartUpload",
      ...locks,
    ]),
    listStatement(place),
    keyStatement(place, ["kms:GenerateDataKey", "kms:Decrypt"]),
  ];
}

function restore(place: PolicyPlace): Statement[] {
  return [
    objectStatement("Read", place, ["s3:GetObject", "s3:RestoreObject"]),
    listStatement(place),
    keyStatement(place, ["kms:Decrypt"]),
  ];
}
