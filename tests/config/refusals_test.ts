import assert from "node:assert/strict";
import { generateKeyPair } from "../../src/seal/keys.ts";
import { BASE, DEFAULTS, identity, parse, recipient, refusal } from "./parsed.ts";

const hybrid = await generateKeyPair({ postQuantum: true });

Deno.test("parseConfig() refuses a value with its path, the value and what is allowed", () => {
  const duration = "as in 90s, 15m, 1h30m or 1d";
  const table: [object, string][] = [
    [{ chunk_size: "3MiB" }, 'chunk_size is "3MiB"; allowed is a power of two from 64 KiB to 16 MiB'],
    [{ chunk_size: "32KiB" }, 'chunk_size is "32KiB"; allowed is a size from 64 KiB to 16 MiB'],
    [{ chunk_size: "big" }, 'chunk_size is "big"; allowed is a size from 64 KiB to 16 MiB'],
    [{ chunk_size: [1] }, "chunk_size is a list; allowed is a size from 64 KiB to 16 MiB"],
    [
      { blob_size_limit: "1MiB" },
      'blob_size_limit is "1MiB"; allowed is a size from 4 MiB (4 times chunk_size) to 512 MiB',
    ],
    [{ blob_size_limit: "513MiB" }, 'blob_size_limit is "513MiB"; allowed is a size from 0 B to 512 MiB'],
    [{ compression_level: 0 }, "compression_level is 0; allowed is a whole number from 1 to 19"],
    [{ connections: 0 }, "connections is 0; allowed is a whole number from 1 to 64"],
    [{ threads: 65 }, "threads is 65; allowed is a whole number from 1 to 64"],
    [{ memory: "64MiB" }, 'memory is "64MiB"; allowed is a size from 128 MiB to 64 GiB'],
    [{ compression_level: "3" }, 'compression_level is "3"; allowed is a whole number from 1 to 19'],
    [
      { backup_interval: "59s" },
      `backup_interval is "59s"; allowed is a duration from 1m to 365d, ${duration}`,
    ],
    [{ backup_interval: 60 }, `backup_interval is 60; allowed is a duration from 1m to 365d, ${duration}`],
    [
      { quiet_names: ["a/b"] },
      'quiet_names has "a/b"; allowed are names without a /',
    ],
    [
      { min_time_between_run: "soon" },
      `min_time_between_run is "soon"; allowed is a duration from 0s to 365d, ${duration}`,
    ],
    [
      { hostname: "my_host" },
      'hostname is "my_host"; allowed is 1 to 128 letters, digits, dots and dashes, beginning with a letter or digit',
    ],
    [{ hostname: 12 }, 'hostname is 12; allowed is a host name, here in quotes: hostname: "12"'],
    [{ index_path: "index.sqlite" }, 'index_path is "index.sqlite"; allowed is an absolute path of a file'],
    [{ one_file_system: "yes" }, 'one_file_system is "yes"; allowed is true or false'],
    [
      { exclude: "*.tmp" },
      'exclude is "*.tmp"; allowed is a list of a pattern as in .gitignore, each on a line of its own after "- "',
    ],
    ...["~/.cache", "!~web/x", "${HOME}/x", "$HOME/x"].map((pattern): [object, string] => [
      { exclude: ["*~", "$RECYCLE.BIN/", pattern] },
      `exclude[2] is "${pattern}", which matches nothing: ` +
      "~ and variables stand for themselves there; write the directory, as in /home/*/.cache",
    ]),
    [{ exclude: ["a", 1] }, "exclude[1] is 1; allowed is a pattern as in .gitignore"],
    [
      { age_recipients: [] },
      "age_recipients is empty; needed is a list of age public keys (age1…); vaultik keygen makes one",
    ],
    [
      { age_recipients: null },
      "age_recipients is missing; needed is a list of age public keys (age1…); vaultik keygen makes one",
    ],
    [{ snapshots: {} }, 'snapshots is empty; needed is at least one name with "paths" below it'],
    [{ snapshots: undefined }, 'snapshots is missing; needed is at least one name with "paths" below it'],
    [{ snapshots: { home: null } }, "snapshots.home.paths is missing; needed is a list of absolute paths"],
    [
      { snapshots: { home: { paths: [] } } },
      "snapshots.home.paths is empty; needed is a list of absolute paths",
    ],
    [
      { snapshots: { home: { paths: ["/a", "srv"] } } },
      'snapshots.home.paths[1] is "srv"; allowed is an absolute path, or {path: /mnt/snap/data, as: /data}',
    ],
    [
      { snapshots: { home: { paths: ["~/x"] } } },
      'snapshots.home.paths[0] is "~/x"; allowed is an absolute path, or {path: /mnt/snap/data, as: /data}',
    ],
    [
      { snapshots: ["home"] },
      'snapshots is a list; allowed are keys with values, as in "key: value"',
    ],
    [
      { snapshots: { my_home: { paths: ["/"] } } },
      'the snapshot name "my_home" cannot be part of an id; allowed are 1 to 64 letters, digits, dots and dashes, ' +
      "beginning with a letter or digit",
    ],
    [
      { storage_url: null },
      "storage_url is missing; needed is file:///absolute/path, s3://BUCKET/PREFIX or rclone://REMOTE/PATH",
    ],
    [
      { storage_url: "s3://bucket", s3: { part_size: "1MiB" } },
      's3.part_size is "1MiB"; allowed is a size from 5 MiB to 5 GiB',
    ],
    [
      { storage_url: "s3://bucket", s3: { access_key_id: "A" } },
      "s3.secret_access_key is missing; needed is the other half",
    ],
    [
      { storage_url: "s3://bucket", s3: { endpoint: "http://x", use_ssl: true } },
      's3.endpoint is "http://x"; allowed is HOST:PORT or https://HOST:PORT, without a path and in line with use_ssl',
    ],
    [
      { storage_url: "s3://bucket", s3: { bucket: "other" } },
      's3.bucket is "other", but storage_url names "bucket"',
    ],
    [
      { storage_url: "s3://bucket", s3: { server_side_encryption: "rot13" } },
      's3.server_side_encryption is "rot13"; allowed is AES256 or aws:kms or aws:kms:dsse',
    ],
    [
      { storage_url: "s3://bucket", s3: { kms_key_id: "x" } },
      "s3.kms_key_id needs s3.server_side_encryption aws:kms or aws:kms:dsse",
    ],
    [
      { storage_url: "s3://bucket", s3: { endpoint: "h", dual_stack: true } },
      "s3.dual_stack is for AWS's own endpoints, but s3.endpoint is given; leave one out",
    ],
    [
      { storage_url: "s3://bucket", storage_class: { blobs: "cold" } },
      'storage_class.blobs is "cold"; allowed is the name of a storage class, as in STANDARD_IA or DEEP_ARCHIVE',
    ],
    [
      { storage_url: "s3://bucket", object_lock: { mode: "forever", days: 1 } },
      'object_lock.mode is "forever"; allowed is governance or compliance',
    ],
    [
      { storage_url: "s3://bucket", object_lock: { mode: "compliance" } },
      "object_lock.days is missing; needed is how many days no one may delete a backup",
    ],
    [
      { storage_url: "s3://bucket", object_lock: { mode: "compliance", days: 0 } },
      "object_lock.days is 0; allowed is a whole number from 1 to 36500",
    ],
    [
      { object_lock: { mode: "compliance", days: 1 } },
      'object_lock is for S3, but storage_url is "file:///srv/backup"; leave one out',
    ],
    [{ s3: { bucket: "other" } }, 's3 is given, but storage_url is "file:///srv/backup"; leave one out'],
  ];
  for (const [more, expected] of table) assert.equal(refusal({ ...BASE, ...more }), expected);
});

Deno.test("parseConfig() refuses unknown keys and knows which one was meant", () => {
  const table: [object, string][] = [
    [{ age_recipient: [] }, "there is no key age_recipient; did you mean age_recipients?"],
    [{ "chunk-size": 1 }, "there is no key chunk-size; did you mean chunk_size?"],
    [
      { snapshots: { home: { path: ["/home"] } } },
      "there is no key snapshots.home.path; did you mean paths?",
    ],
    [
      { snapshots: { home: { paths: ["/"], zzzzzz: 1 } } },
      "there is no key snapshots.home.zzzzzz; allowed are paths, commands, databases, exclude, one_file_system, exclude_caches, guard, hooks, retention",
    ],
    [
      { s3: { secret_acces_key: "hunter2" } },
      "there is no key s3.secret_acces_key; did you mean secret_access_key?",
    ],
    // As a quotation mark that was forgotten makes of a key and its value.
    [
      { hooks: { 'before": "hunter2': null } },
      'there is no key hooks."before…"; allowed are before, after, failed, finally, timeout',
    ],
  ];
  for (const [more, expected] of table) assert.equal(refusal({ ...BASE, ...more }), expected);
});

Deno.test("parseConfig() refuses a file that is no map", () => {
  const state = 'allowed are keys with values, as in "key: value"';
  assert.equal(refusal(null), `the file is empty; ${state}`);
  assert.equal(refusal("hello"), `the file is a text; ${state}`);
  assert.equal(refusal([]), `the file is a list; ${state}`);
  assert.equal(refusal({ ...BASE, s3: "SECRET" }), `s3 is a text; ${state}`);
  assert.equal(refusal({ ...BASE, limits: 5 }), `limits is a number; ${state}`);
});

Deno.test("parseConfig() refuses bad recipients and never repeats a secret", () => {
  const secret = refusal({ ...BASE, age_recipients: [recipient, identity] });
  assert.match(secret, /^age_recipients: recipient 2 of 2: it is a SECRET key; put its public key there/);
  assert.match(refusal({ ...BASE, age_recipients: [recipient, hybrid.recipient] }), /post-quantum/);
  const misplaced = [
    { age_recipients: identity },
    { age_recipients: { key: identity } },
    { hostname: identity + "_" },
    { storage_url: identity },
    { snapshots: identity },
    { [identity]: 1 },
    { s3: { endpoint: identity } },
    { storage_url: "s3://bucket", s3: { access_key_id: "A", secret_access_key: 12345678 } },
    { storage_url: "s3://AKIA:hunter2@bucket/x" },
    { storage_url: "s3://bucket", s3: { endpoint: "https://AKIA:hunter2@host" } },
  ];
  for (const more of misplaced) {
    const message = refusal({ ...BASE, ...more });
    assert.doesNotMatch(message, new RegExp(`hunter2|12345678|${identity.slice(20, 30)}`), message);
  }
});

Deno.test("parseConfig() refuses places where no store can be", () => {
  const table: [string, RegExp][] = [
    ["/srv/backup", /for a directory write file:\/\/\/srv\/backup$/],
    ["file://srv/backup", /^storage_url is "file:\/\/srv\/backup": allowed is file:\/\/\/absolute\/path$/],
    ["file:///", /allowed is file:\/\/\/absolute\/path/],
    ["file:///a%zz", /written %25/],
    ["s3://", /name of a bucket/],
    ["s3://a", /name of a bucket/],
    ["s3://bucket/a b", /a prefix consists of/],
    ["s3://bucket/../x", /a prefix consists of/],
    ["rclone://", /allowed is rclone:\/\/REMOTE\/PATH with the name of a remote/],
    ["rclone://:local/x", /name of a remote/],
    ["rclone:///x", /name of a remote/],
    ["rclone://remote/a/../b", /name of a remote/],
    ["rclone://remote/a]b", /name of a remote/],
    ["sftp://host/x", /allowed is file/],
    ["backup", /allowed is file/],
  ];
  for (const [url, expected] of table) assert.match(refusal({ ...BASE, storage_url: url }), expected, url);
  assert.deepEqual(parse({ storage_url: "file:///a%20b/c/" }).storage, {
    kind: "file",
    path: "/a b/c",
    connections: 2,
  });
  const remotes: [string, string, string][] = [
    ["rclone://nas", "nas", ""],
    ["rclone://nas/", "nas", ""],
    ["rclone://my-nas.2/back%20ups/web1/", "my-nas.2", "back ups/web1"],
    ["rclone://nas//srv/backup", "nas", "/srv/backup"],
  ];
  for (const [storage_url, remote, path] of remotes) {
    assert.deepEqual(parse({ storage_url }).storage, { kind: "rclone", remote, path, connections: 8 });
  }
});

Deno.test("parseConfig() says what to do when the machine's own name cannot be used", () => {
  assert.match(
    refusal(BASE, { ...DEFAULTS, hostname: "my_host" }),
    /^this machine's name "my_host" cannot be used; set hostname to 1 to 128 letters/,
  );
});
