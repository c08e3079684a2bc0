-- The index: what this machine remembers of what the store holds. It is a cache: everything in it can be made again from the store
-- (or by reading the files again). Each change of it is a new version, and a step in src/index/migrations.ts.
-- Ids are SHA-256, 32 raw bytes. Offsets and lengths are bytes.

-- What there is one of: "store" (where the blobs below are), "prune_records" (what was seen in `prune/`, a JSON list),
-- "announced" (where, and to which recipients, the host has sealed its keys), "repair_begun" (while a repair is).
CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID, STRICT;

-- Blobs that the store has acknowledged.
CREATE TABLE blob (
  number INTEGER PRIMARY KEY,                -- short name within this file
  id     BLOB NOT NULL UNIQUE,               -- of the stored bytes
  kind   TEXT NOT NULL,                      -- "blobs" or "pages"
  size   INTEGER NOT NULL,                   -- stored bytes
  fits   INTEGER NOT NULL
) STRICT;

-- Lists of blobs that the store has acknowledged: snapshots that name the same blobs share them.
CREATE TABLE list (
  key   BLOB PRIMARY KEY,                    -- SHA-256 of the ids of the blobs that it names
  id    BLOB NOT NULL,                       -- of the stored bytes
  size  INTEGER NOT NULL,                    -- stored bytes
  blobs INTEGER NOT NULL,                    -- how many it names
  fits  INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX list_id ON list (id);

-- Until when the store keeps blobs from being removed, where it locks them; what is not here may be locked or not.
CREATE TABLE blob_lock (
  id    BLOB PRIMARY KEY,                    -- of the stored bytes
  until INTEGER NOT NULL                     -- milliseconds since 1970
) WITHOUT ROWID, STRICT;

-- Where each chunk is. A chunk is here only once its blob is in the store, so "present" means "safe to refer to".
CREATE TABLE chunk (
  id     BLOB PRIMARY KEY,                   -- of the plain bytes
  blob   INTEGER NOT NULL,                   -- blob.number
  offset INTEGER NOT NULL,                   -- in the opened blob
  length INTEGER NOT NULL,
  fits   INTEGER NOT NULL                    -- the other values (row_check.ts), here and below: a wrong bit is noticed
) WITHOUT ROWID, STRICT;

-- Where each page and list page is: chunks of another kind of blob.
CREATE TABLE page_place (
  id     BLOB PRIMARY KEY,
  blob   INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  length INTEGER NOT NULL,
  fits   INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

-- PUTs that were begun. What is found here at the start was interrupted: where `blob` is NULL the store is asked whether it arrived.
-- Where the store has acknowledged it, its chunks wait here to go into `chunk` (or `page_place`) together with those of other blobs:
-- they are in no order, and each would cost a page of the table.
CREATE TABLE upload (
  id     BLOB PRIMARY KEY,
  kind   TEXT NOT NULL,
  size   INTEGER NOT NULL,
  blob   INTEGER,                            -- blob.number, once stored
  chunks BLOB NOT NULL,                      -- 40 bytes a chunk: id, offset (u32 LE), length (u32 LE)
  fits   INTEGER NOT NULL                    -- all but `blob`
) WITHOUT ROWID, STRICT;

-- The last backup of each named snapshot, for one that knows what may have changed since.
CREATE TABLE last_backup (
  snapshot  TEXT PRIMARY KEY,                -- its name in the configuration
  id        TEXT NOT NULL,                   -- of its snapshot in the store; '' where that is not known
  selection TEXT NOT NULL,                   -- roots, excludes: what decides which entries are in it, as JSON
  pages     BLOB NOT NULL,                   -- page.number of each of its pages, in their order, u32 LE
  unsettled BLOB NOT NULL,                   -- paths, NUL between them: entries that may have changed again without a trace
  left_out  BLOB NOT NULL,                   -- paths, NUL between them: what could not be looked at or read
  fits      INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

-- Pages of the last backup of each named snapshot: runs of entries in their order. During a run, rows of the last backup and of
-- this one stand side by side; both are true of their time.
CREATE TABLE page (
  number      INTEGER PRIMARY KEY,
  snapshot    TEXT NOT NULL,                 -- its name in the configuration
  first       BLOB NOT NULL,                 -- sort key of the first entry's path
  last        BLOB NOT NULL,
  id          BLOB NOT NULL,                 -- of the page's text
  length      INTEGER NOT NULL,              -- of the page's text
  entries     INTEGER NOT NULL,
  files       INTEGER NOT NULL,
  directories INTEGER NOT NULL,
  bytes       INTEGER NOT NULL,              -- plain bytes of its files
  blobs       BLOB NOT NULL,                 -- blob.number of each blob that it needs, u32 LE
  links       BLOB NOT NULL,                 -- inode of each entry that is one of several names of a file, u64 LE
  fits        INTEGER NOT NULL,              -- all but `stamps` and `frame`; before these, so that both can stay unread
  stamps      BLOB NOT NULL,                 -- for each entry: length of its parent's path, name, inode, size, times
  frame       BLOB NOT NULL                  -- the page's text as one zstd frame, which has a check of its own
) STRICT;
CREATE INDEX page_order ON page (snapshot, first);

-- Blobs needed by the list pages of a file that has many chunks, so that a page can be written again without opening them.
CREATE TABLE list_blobs (
  id    BLOB PRIMARY KEY,                    -- of the list page
  blobs BLOB NOT NULL,                       -- blob.number, u32 LE
  live  BLOB NOT NULL,                       -- plain bytes that it needs of each, u32 LE
  fits  INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

-- The newest snapshot of each name that was made through this index; the newest of all tells whether the store is still the one we know.
CREATE TABLE snapshot (
  id            TEXT PRIMARY KEY,
  name          TEXT NOT NULL,
  finished_at   TEXT NOT NULL,
  manifest_size INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

-- When blobs were last read whole by a deep verification, also those of other hosts; the oldest are looked at first.
CREATE TABLE checked (
  id      BLOB PRIMARY KEY,
  kind    TEXT NOT NULL,
  time_ms INTEGER NOT NULL,                  -- since 1970
  fault   TEXT                               -- what was wrong; NULL where it was sound
) WITHOUT ROWID, STRICT;

-- Chunks (and pages) of blobs that the store has lost: where they are stored again, repair can say so in the snapshots that need them.
CREATE TABLE lost_chunk (
  blob BLOB NOT NULL,                        -- id of the lost blob
  id   BLOB NOT NULL,                        -- of the chunk
  kind TEXT NOT NULL,                        -- of the blob
  PRIMARY KEY (blob, id)
) WITHOUT ROWID, STRICT;

-- Both objects of the last snapshot of each name, as they were stored: where the store loses one of them, repair puts it there again.
CREATE TABLE metadata_copy (
  name     TEXT PRIMARY KEY,                 -- of the snapshot in the configuration
  id       TEXT NOT NULL,
  manifest BLOB NOT NULL,
  sealed   BLOB NOT NULL
) WITHOUT ROWID, STRICT;

-- What the paths of each source set looked like when all was well, so that an empty or much smaller one is noticed.
CREATE TABLE guard (
  name   TEXT PRIMARY KEY,                   -- of the snapshot in the configuration
  memory TEXT NOT NULL                       -- JSON: the last good state, and suspicious ones since
) WITHOUT ROWID, STRICT;
