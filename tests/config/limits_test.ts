import assert from "node:assert/strict";
import { parseStorage } from "../../src/config/config.ts";

const MIB = 2 ** 20;

function parse(value: unknown) {
  return parseStorage({ storage_url: "file:///srv/backup", limits: value }, "c.yml", {}).limits;
}

Deno.test("limits are rates, and a schedule in which what is left out is as always", () => {
  assert.equal(parse(undefined), undefined);
  assert.deepEqual(parse({ upload: "10MiB/s" }), { upload: 10 * MIB, download: undefined, schedule: [] });
  const schedule = [
    { from: "08:00", to: "18:30", upload: "2 MiB/s" },
    { from: "22:00", to: "6:00", upload: "unlimited", download: "64KiB" },
    { from: "00:00", to: "24:00" },
  ];
  assert.deepEqual(parse({ upload: "10MB/s", download: "1GiB / s", schedule }), {
    upload: 10_000_000,
    download: 1024 * MIB,
    schedule: [
      { from: 480, to: 1110, upload: 2 * MIB, download: 1024 * MIB },
      { from: 1320, to: 360, upload: undefined, download: 65_536 },
      { from: 0, to: 1440, upload: 10_000_000, download: 1024 * MIB },
    ],
  });
});

Deno.test("limits that make no sense are refused with their place", () => {
  const table: [unknown, RegExp][] = [
    [
      { upload: "fast" },
      /limits\.upload is "fast"; allowed is a rate from 8 KiB\/s, as in 2MiB\/s, or unlimited/,
    ],
    [{ upload: "10MiB/h" }, /limits\.upload is "10MiB\/h"/],
    [{ download: "1KiB/s" }, /limits\.download is "1KiB\/s"; allowed is a rate from 8 KiB\/s/],
    [{ up: "1MiB/s" }, /there is no key limits\.up; did you mean|there is no key limits\.up; allowed/],
    [{ schedule: "08:00" }, /limits\.schedule is "08:00"; allowed is a list of keys with values/],
    [{ schedule: ["08:00"] }, /limits\.schedule\[0\] is a text/],
    [{ schedule: [{ from: "08:00" }] }, /limits\.schedule\[0\]\.to is missing/],
    [{ schedule: [{ from: "8", to: "9:00" }] }, /schedule\[0\]\.from is "8"; allowed is a time of the day/],
    [{ schedule: [{ from: "24:01", to: "9:00" }] }, /schedule\[0\]\.from is "24:01"/],
    [{ schedule: [{ from: "08:60", to: "9:00" }] }, /schedule\[0\]\.from is "08:60"/],
    [{ schedule: [{ from: "08:00", to: "9:00", rate: "1MiB/s" }] }, /no key limits\.schedule\[0\]\.rate/],
  ];
  for (const [value, said] of table) assert.throws(() => parse(value), said, JSON.stringify(value));
});
