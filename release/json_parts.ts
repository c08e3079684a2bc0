import {
  count,
  drillId,
  either,
  flag,
  hostId,
  type JsonSchema,
  list,
  number,
  object,
  one,
  snapshotId,
  text,
  time,
  whole,
} from "./json_kinds.ts";

// What each command prints with --json. `host` is always the id of a host, `hostname` its name for people.

export const calls = object({ calls: count, bytes: count });
/** What went to the store and came from it. */
export const requests = object({ put: calls, get: calls, size: calls, list: calls, remove: calls });
export const tally = object({ objects: count, bytes: count });
export const reasons = list(object({ path: text, reason: text }));
export const problem = object({
  object: text,
  state: text,
  snapshots: list(text),
  files: list(object({ path: text, snapshots: list(text) })),
});
export const health = one("ok", "warning", "critical");

export const entryMembers = {
  "path?": text,
  "path_base64?": text,
  kind: text,
  mode: { type: "string", pattern: "^[0-7]{4,}$" },
  uid: count,
  gid: count,
  "user?": text,
  "group?": text,
  modified: time,
  "size?": count,
  "target?": text,
  "target_base64?": text,
  "hardlink?": text,
  "hardlink_base64?": text,
  "device?": list(count),
  "xattrs?": list(text),
  "hole_bytes?": count,
};

export const backupMembers = {
  id: snapshotId,
  name: text,
  hostname: text,
  started_at: time,
  finished_at: time,
  duration_ms: count,
  files: count,
  directories: count,
  others: count,
  bytes: count,
  files_read: count,
  bytes_read: count,
  bytes_new: count,
  growth: list(object({ path: text, bytes: count })),
  phases: object({ prepare_ms: count, read_ms: count, publish_ms: count }),
  "file_changes?": object({ before: count, new: count, changed: count, gone: count }),
  "excluded?": count,
  suspicious: reasons,
  blobs_sent: count,
  bytes_sent: count,
  pages: count,
  pages_new: count,
  scanned: one("all", "changes"),
  unreadable: reasons,
  changed_while_read: count,
  lost_attributes: count,
  incomplete: flag,
  "requests?": requests,
};

export const progress = object({
  event: one("progress"),
  stage: one(
    "scan",
    "backup",
    "pages",
    "plan",
    "restore",
    "verify",
    "copy",
    "index",
    "survey",
    "prune",
    "drill",
    "objects",
  ),
  entries_done: count,
  entries_found: count,
  "entries_read?": count,
  bytes_done: count,
  bytes_found: count,
  all_known: flag,
  "expected?": object({ entries: count, bytes: count }),
  "bytes_new?": count,
  "bytes_pending?": count,
  "path?": text,
  bytes_transferred: count,
  errors: count,
});
export const aboutPath = object({
  event: one("file-unreadable", "file-changed", "entry-skipped", "file-damaged", "file-not-restored"),
  path: text,
  "reason?": text,
});
export const aboutMetadata = object({
  event: one("metadata-not-set", "metadata-not-read"),
  what: text,
  path: text,
  reason: text,
});
export const retrying = object({ event: one("retrying"), what: text, delay_ms: count, cause: text });
export const said = object({ event: one("note", "warning"), text });

export const restored = {
  id: snapshotId,
  incomplete: flag,
  target: text,
  files: count,
  directories: count,
  others: count,
  bytes: count,
  objects_read: count,
  changes: list(object({
    path: text,
    what: one("new", "contents", "attributes", "replaced", "deleted"),
  })),
};
export const restoreSummary = {
  ...restored,
  duration_ms: count,
  bytes_fetched: count,
  not_made: count,
  deleted: count,
  kept: count,
  bytes_again: count,
  damaged: reasons,
  failed: reasons,
};
export const restorePlan = {
  ...restored,
  objects: count,
  bytes_stored: count,
  bytes_read: count,
  classes: list(object({ storage_class: text, objects: count, bytes: count })),
  is_cold: flag,
  retrievals: list(object({ speed: text, cost: number, hours: number })),
};
/** One of a single source set, or those of several. */
export function perSet(members: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return either(object({ ...members, requests }), object({ snapshots: list(object(members)), requests }));
}

export const finding = object({ what: text, state: text });
export const drill = {
  host: hostId,
  kind: one("source", "restore"),
  result: one("good", "incomplete", "damaged"),
  snapshots: list(snapshotId),
  files: count,
  bytes: count,
  objects: count,
  finished_at: time,
  duration_ms: count,
};
export const storedDrill = object({ ...drill, id: drillId, problems: count, stored_at: time });
export const knownDrills = object({ last: storedDrill, "last_good?": storedDrill });

export const growing = object({ "path?": text, "path_base64?": text, bytes: whole, files: whole });
export const removal = object({ objects: count, bytes: count, names: list(text) });

export const configured = { config_path: text, key: text };
