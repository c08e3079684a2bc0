import assert from "node:assert/strict";
import { toLocation } from "../../src/config/storage.ts";
import { HALF, parse, recipient } from "./parsed.ts";

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
    blobSizeBytes: 17 * 2 ** 20,
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
    const part of [config, config.snapshots, config.snapshots[0], config.snapshots[0]!.paths, config.storage]
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
