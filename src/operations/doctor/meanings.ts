export type Probe =
  | "put"
  | "overwrite"
  | "list"
  | "get"
  | "look"
  | "delete"
  | "conditional write"
  | "object lock"
  | "checksum"
  | "multipart"
  | "clock";

/** `yes`: it can be done; `no`: the store cannot; `refused`: these credentials may not; `unknown`: it could not be found out. */
export type Answer = "yes" | "no" | "refused" | "unknown";

/** With what the store said or did, where that is worth knowing. */
export type Outcome = readonly [answer: Answer, detail?: string];

/** Whether an answer is what one wants on a machine that may be stolen or taken over. */
export type Judgement = "good" | "bad" | "neutral";

export interface Meaning {
  readonly judgement: Judgement;
  /** For a thief who has this machine and its credentials, or for the backups. */
  readonly text: string;
}

const UNKNOWN: Meaning = { judgement: "neutral", text: "it could not be found out" };

const good = (text: string): Meaning => ({ judgement: "good", text });
const bad = (text: string): Meaning => ({ judgement: "bad", text });
const neutral = (text: string): Meaning => ({ judgement: "neutral", text });

const MEANINGS: Readonly<Record<Probe, Partial<Record<Answer, Meaning>>>> = {
  put: {
    yes: good("backups can be made"),
    refused: bad("no backup can be made with these credentials"),
  },
  overwrite: {
    yes: bad(
      "a thief can destroy backups by overwriting them, unless the bucket keeps versions or locks objects",
    ),
    refused: good("a thief cannot overwrite backups"),
    no: good("the store lets no one overwrite"),
  },
  list: {
    yes: neutral("a thief sees names, sizes and times of all backups here; runs find what was cut off"),
    refused: neutral(
      "a thief sees nothing; runs trust their index, and cannot know what prune marked for deletion",
    ),
  },
  get: {
    yes: neutral("a thief can copy the backups, and opens none of them without the identity"),
    refused: good("a thief cannot even copy the backups; restores need other credentials"),
  },
  look: {
    yes: neutral("runs find out whether the store still has what they rely on"),
    refused: neutral("runs ask by listing instead, where they may"),
  },
  delete: {
    yes: bad("a thief can delete all backups here, unless the bucket keeps versions or locks objects"),
    refused: good("a thief cannot delete backups; prune needs other credentials"),
    no: good("the object is locked: no one deletes it before the lock ends"),
  },
  "conditional write": {
    yes: good("no run overwrites what is there, and a policy can demand it of a thief too"),
    no: neutral("runs look before they write: two at the same instant could overwrite each other's objects"),
  },
  "object lock": {
    yes: good("object_lock can keep backups from everybody for some time"),
    no: neutral("the bucket has no object lock; only a new bucket can get it at most providers"),
    refused: neutral("object_lock needs the right s3:PutObjectRetention"),
  },
  checksum: {
    yes: good("the store refuses bytes that were damaged on the way"),
    no: neutral("the store does not check bytes as they come; verify --deep finds what was damaged"),
  },
  multipart: {
    yes: neutral("objects above 100 MiB can be stored"),
    no: neutral("keep blob_size_limit below 100 MiB"),
    refused: neutral("keep blob_size_limit below 100 MiB, or grant s3:AbortMultipartUpload"),
  },
  clock: {
    yes: good("this machine and the store agree on the time"),
    no: bad("set the clock: names of snapshots, locks and grace times depend on it"),
  },
};

export function meaningOf(probe: Probe, answer: Answer): Meaning {
  return MEANINGS[probe][answer] ?? UNKNOWN;
}
