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

/** One permission, or one that is taken back. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: readonly string[];
  readonly Resource: string;
  readonly Condition?: Record<string, Record<string, string | readonly string[]>>;
}

/** The prefix of a folder in the one that is given. */
export function below(prefix: string, folder: string): string {
  return prefix === "" ? folder : `${prefix}/${folder}`;
}

/** What may be done to the objects of the place. */
export function objectStatement(
  Sid: string,
  { bucket, prefix }: PolicyPlace,
  Action: readonly string[],
): Statement {
  return {
    Sid,
    Effect: "Allow",
    Action,
    Resource: `arn:aws:s3:::${bucket}/${prefix === "" ? "" : `${prefix}/`}*`,
  };
}

/** They may be listed. */
export function listStatement({ bucket, prefix }: PolicyPlace): Statement {
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

/** What may be done with keys of KMS, where objects are encrypted by one. */
export function keyStatement({ kms }: PolicyPlace, Action: readonly string[]): Statement {
  return { Sid: "Keys", Effect: "Allow", Action: kms ? Action : [], Resource: "*" };
}
