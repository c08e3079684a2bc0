import assert from "node:assert/strict";
import { UsageError } from "../../src/base/errors.ts";
import { type Config, parseConfig } from "../../src/config/config.ts";
import { toLocation } from "../../src/config/storage.ts";
import { generateKeyPair } from "../../src/seal/keys.ts";

const { identity, recipient } = await generateKeyPair({ postQuantum: false });
const hybrid = await generateKeyPair({ postQuantum: true });

const DEFAULTS = { hostname: "web1", indexPath: "/var/lib/vaultik/index.sqlite", cores: 2 };
const BASE = {
  age_recipients: [recipient],
  snapshots: { home: { paths: ["/home"] } },
  storage_url: "file:///srv/backup",
};

function parse(more: object, defaults = DEFAULTS): Config {
  return parseConfig({ ...BASE, ...more }, "c.yml", defaults);
}

function refusal(value: unknown, defaults = DEFAULTS): string {
  try {
    parseConfig(value, "c.yml", defaults);
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    assert.doesNotMatch(error.message, /\n/);
    return error.message.replace("Cannot use configuration c.yml: ", "");
  }
  return assert.fail("nothing was refused");
}

const HALF = { files: 0.5, bytes: 0.5 };

Deno.test("guard has defaults, is set for all or for one, and can be off", () => {
  const guards = (top: object, own: object) =>
    parse({ ...top, snapshots: { home: { paths: ["/home"], ...own } } }).snapshots[0].guard;
  assert.deepEqual(guards({}, {}), HALF);
  assert.deepEqual(guards({ guard: { files: "10%" } }, {}), { files: 0.1, bytes: 0.5 });
  assert.deepEqual(guards({ guard: { files: "10%" } }, { guard: { bytes: "90%" } }), {
    files: 0.1,
    bytes: 0.9,
  });
  assert.equal(guards({ guard: "off" }, {}), undefined);
  assert.equal(guards({}, { guard: "off" }), undefined);
  assert.deepEqual(guards({ guard: "off" }, { guard: { files: "20%" } }), { files: 0.2, bytes: 0.5 });
  for (const files of ["0%", "101%", "half", 50]) {
    assert.match(refusal({ ...BASE, guard: { files } }), /^guard\.files is .*; allowed is /);
  }
  assert.match(refusal({ ...BASE, guard: { file: "50%" } }), /no key guard\.file; did you mean files\?/);
});

Deno.test("parseConfig() fills in the defaults", () => {
  assert.deepEqual(parse({}), {
    ageRecipients: [recipient],
    snapshots: [{
      name: "home",
      paths: ["/home"],
      aliases: [],
      commands: [],
      sqlite: [],
      exclude: [],
      oneFileSystem: false,
      excludeCaches: false,
      guard: HALF,
    }],
    exclude: [],
    guard: HALF,
    storage: { kind: "file", path: "/srv/backup", connections: 2 },
    indexPath: "/var/lib/vaultik/index.sqlite",
    chunkSizeBytes: 2 ** 20,
    blobSizeBytes: 16 * 2 ** 20,
    compressionLevel: 3,
    threads: 2,
    memoryBytes: 256 * 2 ** 20,
    logFormat: "text",
    hostname: "web1",
    publicNames: false,
    backupIntervalMs: 3_600_000,
    fullScanIntervalMs: 24 * 3_600_000,
    minTimeBetweenRunMs: 15 * 60_000,
    metrics: { file: undefined, isRestic: false, expectedIntervalMs: 24 * 3_600_000 },
    drill: { files: 20, bytes: 64 * 2 ** 20, canaries: [], verify: [] },
    prune: { graceMs: 24 * 3_600_000, minAgeMs: 0, maxWaste: 0.3 },
    prices: undefined,
    quietNames: [".git", "node_modules", "__pycache__"],
    watcher: "auto",
  });
});

Deno.test("parseConfig() reads every key", () => {
  const config = parse({
    snapshots: {
      "web-1.data": {
        paths: ["/srv//www/", "/srv/www", "/etc/../var"],
        exclude: ["*.log"],
        one_file_system: false,
      },
      home: { paths: ["/home"], exclude_caches: true },
    },
    exclude: ["*.tmp"],
    one_file_system: true,
    storage_url: "s3://bucket/a/b/",
    s3: {
      endpoint: "minio.local:9000",
      access_key_id: "AKIA",
      secret_access_key: "hunter2",
      region: "eu-central-1",
      use_ssl: false,
      part_size: "32MiB",
      path_style: false,
      ca_file: "/etc/ssl/own.pem",
      idle_timeout: "20s",
      server_side_encryption: "aws:kms",
      kms_key_id: "alias/backup",
    },
    storage_class: { blobs: "GLACIER_IR", metadata: "STANDARD" },
    object_lock: { mode: "governance", days: 30 },
    index_path: "/data/index.sqlite",
    chunk_size: "256KiB",
    blob_size_limit: "64MiB",
    compression_level: 19,
    connections: 16,
    threads: 8,
    memory: "1GiB",
    hostname: "db.example.com",
    backup_interval: "1m",
    full_scan_interval: "1d12h",
    min_time_between_run: 0,
    quiet_names: [],
    watcher: "deno",
  });
  assert.deepEqual(config.snapshots, [
    {
      name: "web-1.data",
      paths: ["/srv/www", "/var"],
      aliases: [],
      commands: [],
      sqlite: [],
      exclude: ["*.log"],
      oneFileSystem: false,
      excludeCaches: false,
      guard: HALF,
    },
    {
      name: "home",
      paths: ["/home"],
      aliases: [],
      commands: [],
      sqlite: [],
      exclude: [],
      oneFileSystem: true,
      excludeCaches: true,
      guard: HALF,
    },
  ]);
  assert.deepEqual(toLocation(config.storage), {
    kind: "s3",
    endpoint: "http://minio.local:9000",
    bucket: "bucket",
    prefix: "a/b",
    region: "eu-central-1",
    accessKeyId: "AKIA",
    secretAccessKey: "hunter2",
    useSsl: false,
    partSizeBytes: 32 * 2 ** 20,
    connections: 16,
    pathStyle: false,
    dualStack: false,
    caFile: "/etc/ssl/own.pem",
    idleLimitMs: 20_000,
    encryption: "aws:kms",
    kmsKeyId: "alias/backup",
    storageClasses: { blobs: "GLACIER_IR", pages: undefined, metadata: "STANDARD" },
    objectLock: { mode: "governance", days: 30 },
  });
  assert.deepEqual(
    [
      config.chunkSizeBytes,
      config.blobSizeBytes,
      config.compressionLevel,
      config.threads,
      config.memoryBytes,
      config.hostname,
      config.indexPath,
    ],
    [2 ** 18, 2 ** 26, 19, 8, 2 ** 30, "db.example.com", "/data/index.sqlite"],
  );
  assert.deepEqual(
    [config.backupIntervalMs, config.fullScanIntervalMs, config.minTimeBetweenRunMs],
    [60_000, 36 * 3_600_000, 0],
  );
});

Deno.test("parseConfig() gives a value that is frozen throughout and shows no secret", () => {
  const config = parse({
    storage_url: "s3://bucket",
    s3: { access_key_id: "AKIA", secret_access_key: "hunter2" },
  });
  for (
    const part of [config, config.snapshots, config.snapshots[0], config.snapshots[0].paths, config.storage]
  ) {
    assert.ok(Object.isFrozen(part));
  }
  for (
    const way of [
      JSON.stringify(config),
      Deno.inspect(config, { depth: 9 }),
      `${Object.values(config.storage)}`,
    ]
  ) {
    assert.doesNotMatch(way, /hunter2/);
  }
});

Deno.test("parseConfig() takes the bucket from storage_url, from s3, or from both when they agree", () => {
  const s3 = (more: object) => {
    const { storage } = parse(more);
    return storage.kind === "s3" ? [storage.bucket, storage.prefix, storage.endpoint, storage.region] : [];
  };
  assert.deepEqual(s3({ storage_url: "s3://one" }), ["one", "", undefined, "us-east-1"]);
  assert.deepEqual(s3({ storage_url: null, s3: { bucket: "two", prefix: "/p/" } }), [
    "two",
    "p",
    undefined,
    "us-east-1",
  ]);
  assert.deepEqual(
    s3({ storage_url: "s3://one/p", s3: { bucket: "one", prefix: "p", endpoint: "https://x:1/" } }),
    [
      "one",
      "p",
      "https://x:1",
      "us-east-1",
    ],
  );
  assert.deepEqual(s3({ storage_url: "s3://one", s3: { prefix: "p", endpoint: "h" } }), [
    "one",
    "p",
    "https://h",
    "us-east-1",
  ]);
});

Deno.test("parseConfig() takes sizes at their limits", () => {
  assert.equal(parse({ chunk_size: 65536 }).chunkSizeBytes, 65536);
  const largest = parse({ chunk_size: "16MiB" });
  assert.deepEqual([largest.chunkSizeBytes, largest.blobSizeBytes], [2 ** 24, 2 ** 26]);
  assert.equal(parse({ blob_size_limit: "4MiB" }).blobSizeBytes, 2 ** 22);
  assert.equal(parse({ blob_size_limit: "512MiB" }).blobSizeBytes, 2 ** 29);
  assert.equal(parse({ hostname: "a".repeat(128) }).hostname.length, 128);
});

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

Deno.test("trusted_hosts and untrusted_snapshots say whose snapshots count", () => {
  const key = `${"A".repeat(42)}B=`;
  assert.equal(parse({}).trust, undefined);
  const hosts = [{ hostname: "web1", key }];
  assert.deepEqual(parse({ trusted_hosts: [`web1 ${key}`] }).trust, { hosts, untrusted: "ignore" });
  const named = { hosts: [{ hostname: "web1", key, namesKey: key }], untrusted: "ignore" };
  assert.deepEqual(parse({ trusted_hosts: [`web1 ${key} ${key}`] }).trust, named);
  const refuse = { trusted_hosts: [`web1 ${key}`], untrusted_snapshots: "refuse" };
  assert.deepEqual(parse(refuse).trust, { hosts, untrusted: "refuse" });
  const refused: [more: object, said: RegExp][] = [
    [{ trusted_hosts: ["web1"] }, /^trusted_hosts\[0\] is "web1"; allowed is "HOSTNAME KEY \[NAMES KEY\]"/],
    [{ trusted_hosts: [] }, /^trusted_hosts is empty; needed is a list of hosts/],
    [{ untrusted_snapshots: "ignore" }, /^trusted_hosts is missing/],
    [
      { ...refuse, untrusted_snapshots: "delete" },
      /^untrusted_snapshots is "delete"; allowed is ignore or refuse$/,
    ],
  ];
  for (const [more, said] of refused) assert.match(refusal({ ...BASE, ...more }), said);
});

Deno.test("names says whether manifests show names to everybody", () => {
  assert.deepEqual([{}, { names: "sealed" }, { names: "public" }].map((more) => parse(more).publicNames), [
    false,
    false,
    true,
  ]);
  assert.equal(refusal({ ...BASE, names: "hidden" }), 'names is "hidden"; allowed is sealed or public');
});

Deno.test("parseConfig() reads retention, and a snapshot's own instead of the general one", () => {
  const retention = { keep_daily: 7, keep_within: "2d" };
  const snapshots = { home: { paths: ["/home"] }, db: { paths: ["/db"], retention: { keep_latest: true } } };
  const config = parse({ retention, snapshots });
  assert.deepEqual(config.snapshots.map((snapshot) => snapshot.retention), [
    { keepDaily: 7, keepWithinMs: 2 * 24 * 3_600_000 },
    { keepLast: 1 },
  ]);
});

Deno.test("parseConfig() refuses a retention that keeps nothing or is none", () => {
  const refused = (retention: unknown) => refusal({ ...BASE, retention });
  assert.match(refused({}), /^retention is empty; needed is at least one of keep_latest, keep_last/);
  assert.match(refused({ keep_daily: 0, keep_latest: false }), /^retention is empty/);
  assert.match(refused({ keep_daily: -1 }), /^retention.keep_daily is -1; allowed is a whole number/);
  assert.match(
    refused({ keep_dayly: 1 }),
    /^there is no key retention.keep_dayly; did you mean keep_daily\?/,
  );
  assert.match(refused({ keep_within: "x" }), /^retention.keep_within is "x"; allowed is a duration/);
});

Deno.test("parseConfig() reads how the store is kept small", () => {
  const config = parse({ prune_grace: "0s", prune_min_age: "90d", max_waste: "12.5%" });
  assert.deepEqual(config.prune, { graceMs: 0, minAgeMs: 90 * 24 * 3_600_000, maxWaste: 0.125 });
  const allowed = "allowed is a share from 0% to 100%";
  for (const max_waste of ["101%", "-1%", "30", "x"]) {
    assert.equal(refusal({ ...BASE, max_waste }), `max_waste is "${max_waste}"; ${allowed}`);
  }
});

Deno.test("notify has addresses that are never shown, and refuses what is none", () => {
  const { notify } = parse({
    notify: { webhook: "https://x/secret", mail: ["root", "a@b.c"], on: "always" },
  });
  assert.equal(notify?.webhook?.reveal(), "https://x/secret");
  assert.doesNotMatch(JSON.stringify(notify), /secret/);
  assert.deepEqual([notify?.mailTo, notify?.always, notify?.details, notify?.timeoutMs], [
    ["root", "a@b.c"],
    true,
    false,
    10_000,
  ]);
  for (const webhook of ["secret", "ftp://secret/x", "https:///secret", "https://secret host/"]) {
    const refused = refusal({ ...BASE, notify: { webhook } });
    assert.equal(refused, "notify.webhook is no address; allowed is https://HOST/PATH");
  }
  assert.match(refusal({ ...BASE, notify: { mail: ["-oQ/tmp"] } }), /allowed is user@host/);
  assert.match(refusal({ ...BASE, notify: { sendmail: "sendmail" } }), /an absolute path/);
  assert.match(refusal({ ...BASE, notify: { timeout: "5m" } }), /a duration from 1s to 1m/);
});

Deno.test("metrics_file ends with .prom, as nothing else is collected", () => {
  const file = "/var/lib/node_exporter/vaultik.prom";
  assert.deepEqual(parse({ metrics_file: file, metrics_compat: "restic", expected_interval: "1h" }).metrics, {
    file,
    isRestic: true,
    expectedIntervalMs: 3_600_000,
  });
  for (const metrics_file of ["vaultik.prom", "/var/vaultik.txt"]) {
    assert.match(refusal({ ...BASE, metrics_file }), /an absolute path that ends with \.prom/);
  }
});

Deno.test("drill says how much is tried, which paths always are, and which commands look at them", () => {
  const drill = {
    files: 5,
    bytes: "1MiB",
    canaries: ["/etc/hosts", "/etc/x/../y"],
    verify: [{ path: "/dump.sql", command: ["psql", "-f", "x"], timeout: "1m" }],
    interval: "7d",
  };
  assert.deepEqual(parse({ drill }).drill, {
    files: 5,
    bytes: 2 ** 20,
    canaries: ["/etc/hosts", "/etc/y"],
    verify: [{ path: "/dump.sql", command: ["psql", "-f", "x"], timeoutMs: 60_000 }],
    intervalMs: 7 * 24 * 3_600_000,
  });
  for (
    const bad of [
      { files: 0 },
      { canaries: ["etc/hosts"] },
      { verify: [{ command: ["x"] }] },
      { verify: [{ path: "/x" }] },
      { verify: [{ path: "/x", command: "x" }] },
      { interval: "1s" },
      { sample: 1 },
    ]
  ) assert.match(refusal({ ...BASE, drill: bad }), /drill/);
});
