import assert from "node:assert/strict";
import fc from "fast-check";
import { retain, type RetainedSnapshot, type Retention } from "../../src/model/retention.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = new Date("2026-03-01T12:00:00Z");
const NEWEST = "newest of its host and name";

function at(time: string | number, change: Partial<RetainedSnapshot> = {}): RetainedSnapshot {
  const claimed = new Date(time);
  return {
    id: claimed.toISOString(),
    group: "web1 home",
    claimed,
    stored: claimed,
    incomplete: false,
    suspicious: false,
    pinned: false,
    ...change,
  };
}

/** The ids that stay, or what was noted as theirs. */
function kept(snapshots: readonly RetainedSnapshot[], retention: Retention, now = NOW): string[] {
  return retain(snapshots, retention, now).filter(({ reasons }) => reasons.length > 0).map(({ id }) => id);
}

const hourly = (count: number) => Array.from({ length: count }, (_, i) => at(NOW.getTime() - i * HOUR));

const COUNTS: [what: string, retention: Retention, kept: number][] = [
  ["keep_last 0", { keepLast: 0 }, 1],
  ["keep_last 1", { keepLast: 1 }, 1],
  ["keep_last 2", { keepLast: 2 }, 2],
  ["keep_last of all", { keepLast: 99_999 }, 24 * 400],
  ["keep_hourly 5", { keepHourly: 5 }, 5],
  ["keep_daily 7", { keepDaily: 7 }, 7],
  ["keep_weekly 4", { keepWeekly: 4 }, 4],
  ["keep_monthly 12", { keepMonthly: 12 }, 12],
  ["keep_yearly 9", { keepYearly: 9 }, 2],
  ["keep_within 0s", { keepWithinMs: 0 }, 1],
  ["keep_within 24h", { keepWithinMs: DAY }, 25],
  ["older_than 24h", { olderThanMs: DAY }, 25],
];
for (const [what, retention, count] of COUNTS) {
  Deno.test(`retain() with ${what} keeps ${count} of 400 days of hours`, () => {
    assert.equal(kept(hourly(24 * 400), retention).length, count);
  });
}

Deno.test("retain() keeps the newest of a day, a week from Monday, a month and a year of UTC, and says so", () => {
  const snapshots = [
    at("2024-12-31T23:59:59Z"),
    at("2025-01-01T00:00:00Z"),
    at("2026-02-22T23:00:00Z"), // a Sunday
    at("2026-02-23T00:00:00Z"),
    at("2026-02-28T23:59:59Z"),
    at("2026-03-01T00:00:00Z"), // a Sunday
    at("2026-03-01T01:00:00Z"),
  ];
  const retention = { keepDaily: 2, keepWeekly: 2, keepMonthly: 2, keepYearly: 3 };
  assert.deepEqual(retain(snapshots, retention, NOW).map(({ reasons }) => reasons), [
    ["yearly"],
    ["yearly"],
    ["weekly"],
    [],
    ["daily", "monthly"],
    [],
    ["daily", "weekly", "monthly", "yearly", NEWEST],
  ]);
});

Deno.test("retain() counts within from the newest snapshot, and older than from now", () => {
  const old = [at(NOW.getTime() - 100 * DAY), at(NOW.getTime() - 90 * DAY), at(NOW.getTime() - 89 * DAY)];
  assert.equal(kept(old, { keepWithinMs: 2 * DAY }).length, 2);
  assert.equal(kept(old, { olderThanMs: 90 * DAY }).length, 2);
  assert.equal(kept(old, { olderThanMs: 5 * DAY }).length, 1);
});

Deno.test("retain() thins hosts and names apart, and takes the last of none", () => {
  const both = ["web1 home", "web2 home"].flatMap((group) =>
    hourly(50).map((snapshot) => ({ ...snapshot, id: `${group} ${snapshot.id}`, group }))
  );
  assert.equal(kept(both, { keepLast: 3 }).length, 6);
  assert.equal(kept(both, { olderThanMs: 0 }, new Date(NOW.getTime() + DAY)).length, 2);
});

Deno.test("retain() keeps what is pinned, and it takes no one's place", () => {
  const snapshots = hourly(10).map((snapshot, i) => ({ ...snapshot, pinned: i === 9 }));
  assert.deepEqual(kept(snapshots, { keepLast: 2 }), [0, 1, 9].map((i) => snapshots[i]!.id));
});

Deno.test("retain() lets incomplete snapshots push no complete one out, and keeps no more than twice as many", () => {
  const snapshots = hourly(48).map((snapshot, i) => ({ ...snapshot, incomplete: i < 24 }));
  assert.deepEqual(kept(snapshots, { keepLast: 2 }), [0, 1, 24, 25].map((i) => snapshots[i]!.id));
  const never = hourly(48).map((snapshot) => ({ ...snapshot, incomplete: true }));
  assert.equal(kept(never, { keepHourly: 5 }).length, 5);
});

Deno.test("retain() is not fooled by a clock that runs ahead or behind, or by forged times", () => {
  const honest = hourly(24 * 10);
  const before = kept(honest, { keepDaily: 7, keepWithinMs: 2.02 * DAY });
  for (const claimed of ["2099-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2026-02-27T23:59:59Z"]) {
    // A hundred of them, each of another day from there on, all stored just now.
    const forged = Array.from({ length: 100 }, (_, i) =>
      at(Date.parse(claimed) + i * DAY, {
        id: `forged ${i}`,
        stored: new Date(NOW.getTime() + i * 1000),
      }));
    const after = kept([...honest, ...forged], { keepDaily: 7, keepWithinMs: 2.02 * DAY });
    assert.deepEqual(before.filter((id) => !after.includes(id)), [], `with ${claimed}`);
  }
});

const TOLERANCE = 15 * 60_000;
for (const [lateMs, days] of [[0, 1], [TOLERANCE, 1], [TOLERANCE + 1, 2]] as const) {
  Deno.test(`retain() goes by a host's clock unless the store's differs by more than 15 minutes: ${lateMs} ms`, () => {
    const claimed = "2026-02-10T23:50:00Z";
    const stored = new Date(new Date(claimed).getTime() + lateMs);
    const snapshots = [at("2026-02-10T23:00:00Z"), at(claimed, { stored })];
    assert.equal(kept(snapshots, { keepDaily: 2 }).length, days);
    const early = new Date(new Date("2026-02-11T00:05:00Z").getTime() - lateMs);
    const ahead = [at("2026-02-11T01:00:00Z"), at("2026-02-11T00:05:00Z", { stored: early })];
    assert.equal(kept(ahead, { keepDaily: 2 }).length, days);
  });
}

Deno.test("retain() thins a store that was copied as the one that it is a copy of", () => {
  const honest = hourly(24 * 10);
  const copied = honest.map((snapshot, i) => ({ ...snapshot, stored: new Date(NOW.getTime() + DAY + i) }));
  const before = kept(honest, { keepDaily: 7 });
  const after = kept(copied, { keepDaily: 7 });
  assert.deepEqual(before.filter((id) => !after.includes(id)), []);
  assert.ok(after.length <= before.length + 2, `${after.length}`);
});

const snapshot = fc.record({
  hours: fc.integer({ min: 0, max: 5000 }),
  skewHours: fc.oneof(fc.constant(0), fc.integer({ min: -3000, max: 3000 })),
  group: fc.constantFrom("a", "b"),
  incomplete: fc.boolean(),
  pinned: fc.boolean(),
});
const snapshots = fc.array(snapshot, { minLength: 1, maxLength: 40 }).map((some) =>
  some.map(({ hours, skewHours, ...rest }, i) => {
    const stored = NOW.getTime() - hours * HOUR;
    return at(stored + skewHours * HOUR, { ...rest, id: String(i), stored: new Date(stored) });
  })
);
const amount = fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined });
const policy: fc.Arbitrary<Retention> = fc.record({
  keepLast: amount,
  keepHourly: amount,
  keepDaily: amount,
  keepWeekly: amount,
  keepMonthly: amount,
  keepYearly: amount,
  keepWithinMs: fc.option(fc.integer({ min: 0, max: 90 * DAY }), { nil: undefined }),
  olderThanMs: fc.option(fc.integer({ min: 0, max: 90 * DAY }), { nil: undefined }),
});

Deno.test("retain() decides over each snapshot once, in order, leaves every group a complete one, and is stable", () => {
  fc.assert(fc.property(snapshots, policy, (all, retention) => {
    const decisions = retain(all, retention, NOW);
    assert.deepEqual(decisions.map(({ id }) => id), all.map(({ id }) => id));
    const stays = all.filter((_, i) => decisions[i]!.reasons.length > 0);
    for (const [group, some] of Map.groupBy(all, ({ group }) => group)) {
      const whole = some.some(({ incomplete }) => !incomplete);
      assert.ok(stays.some((one) => one.group === group && (!whole || !one.incomplete)));
    }
    assert.ok(all.every(({ pinned }, i) => !pinned || decisions[i]!.reasons.includes("pinned")));
    assert.deepEqual(
      kept(stays, retention),
      stays.map(({ id }) => id),
      "a second purge removes nothing more",
    );
  }));
});

Deno.test("retain() keeps more, never less, when a rule is added", () => {
  fc.assert(fc.property(snapshots, policy, policy, (all, one, other) => {
    const larger = <T extends number | undefined>(a: T, b: T) => Math.max(a ?? 0, b ?? 0);
    const both = Object.fromEntries(
      (Object.keys(one) as (keyof Retention)[]).map((rule) => [rule, larger(one[rule], other[rule])]),
    );
    const more = kept(all, both);
    assert.deepEqual(kept(all, one).filter((id) => !more.includes(id)), []);
  }));
});

Deno.test("retain() lets no suspicious snapshot push out a good one, under any policy", () => {
  const rule = fc.constantFrom(
    "keepLast",
    "keepHourly",
    "keepDaily",
    "keepWeekly",
    "keepMonthly",
    "keepYearly",
  );
  const property = fc.property(
    fc.array(fc.tuple(fc.integer({ min: 0, max: 500 }), fc.boolean(), fc.boolean()), { maxLength: 30 }),
    rule,
    fc.integer({ min: 1, max: 5 }),
    (found, name, count) => {
      const snapshots = found.map(([hours, suspicious, incomplete], i) =>
        at(NOW.getTime() - hours * HOUR, { id: `${i}`, suspicious, incomplete })
      );
      const good = snapshots.filter(({ suspicious }) => !suspicious);
      const withBad = new Set(kept(snapshots, { [name]: count }));
      for (const id of kept(good, { [name]: count })) assert.ok(withBad.has(id));
    },
  );
  fc.assert(property);
});
