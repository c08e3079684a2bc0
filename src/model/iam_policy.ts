import { hostPrefix } from "./names.ts";

/** What a policy is for: the bucket, and what is asked of it. */
export interface PolicyPlace {
  readonly bucket: string;
  /** Without slashes at its ends; empty for the whole bucket. */
  readonly prefix: string;
  /** The source, in whose directory alone it may do anything. */
  readonly host: string;
  /** Objects are locked when they are stored. */
  readonly locks: boolean;
  /** Objects are encrypted by a key of KMS. */
  readonly kms: boolean;
}

/** Who holds the credentials: a machine that is backed up, who keeps order in the bucket, who restores. */
export type Role = "source" | "administrator" | "restore";

interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: readonly string[];
  readonly Resource: string;
  readonly Condition?: Record<string, Record<string, string | readonly string[]>>;
}

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
    objects("Add", place, [
      "s3:PutObject",
      "s3:AbortMultipartUpload",
      ...place.locks ? ["s3:PutObjectRetention"] : [],
    ]),
    {
      ...objects("NeverReplace", place, ["s3:PutObject"]),
      Effect: "Deny",
      // Only these two make an object; the parts of an upload cannot have the condition.
      Condition: { Null: { "s3:if-none-match": "true" }, Bool: { "s3:ObjectCreationOperation": "true" } },
    },
    objects("SeeWhatIsMarked", { ...place, prefix: below(place.prefix, "prune") }, ["s3:GetObject"]),
    list(place),
    keys(place, ["kms:GenerateDataKey", "kms:Decrypt"]),
  ];
}

function administrator(place: PolicyPlace): Statement[] {
  const locks = place.locks ? ["s3:PutObjectRetention", "s3:GetObjectRetention"] : [];
  return [
    objects("Manage", place, [
      "s3:GetObject",
      "s3:PutObject",
      "s3:DeleteObject",
      "s3:AbortMultipartUpload",
      ...locks,
    ]),
    list(place),
    keys(place, ["kms:GenerateDataKey", "kms:Decrypt"]),
  ];
}

function restore(place: PolicyPlace): Statement[] {
  return [
    objects("Read", place, ["s3:GetObject", "s3:RestoreObject"]),
    list(place),
    keys(place, ["kms:Decrypt"]),
  ];
}

function below(prefix: string, folder: string): string {
  return prefix === "" ? folder : `${prefix}/${folder}`;
}

function objects(Sid: string, { bucket, prefix }: PolicyPlace, Action: readonly string[]): Statement {
  return {
    Sid,
    Effect: "Allow",
    Action,
    Resource: `arn:aws:s3:::${bucket}/${prefix === "" ? "" : `${prefix}/`}*`,
  };
}

function list({ bucket, prefix }: PolicyPlace): Statement {
  const statement: Statement = {
    Sid: "List",
    Effect: "Allow",
    Action: ["s3:ListBucket"],
    Resource: `arn:aws:s3:::${bucket}`,
  };
  return prefix === ""
    ? statement
    : { ...statement, Condition: { StringLike: { "s3:prefix": [`${prefix}/*`] } } };
}

function keys({ kms }: PolicyPlace, Action: readonly string[]): Statement {
  return { Sid: "Keys", Effect: "Allow", Action: kms ? Action : [], Resource: "*" };
}
