import assert from "node:assert/strict";
import { BASE, HALF, parse, refusal } from "./parsed.ts";

Deno.test("guard has defaults, is set for all or for one, and can be off", () => {
  const guards = (top: object, own: object) =>
    parse({ ...top, snapshots: { home: { paths: ["/home"], ...own } } }).snapshots[0]!.guard;
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
