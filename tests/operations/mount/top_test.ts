import assert from "node:assert/strict";
import { type TopDirectory, topDirectory, type TopEntry } from "../../../src/operations/mount/top.ts";

function pathsOf(directory: TopDirectory, above = ""): string[] {
  const path = ([name, entry]: [string, TopEntry]): string[] =>
    entry.kind === "directory"
      ? pathsOf(entry.entries, `${above}${name}/`)
      : [`${above}${name}${entry.kind === "link" ? ` -> ${entry.target}` : ""}`];
  return [...directory].flatMap(path);
}

const web = { hostId: "a1", hostname: "web1", set: "home" };

Deno.test("snapshots are by host, set and time, and latest leads to the newest of each set", () => {
  const paths = pathsOf(topDirectory([
    { ...web, id: "2", startedAt: "2026-11-21T03:00:00.123Z" },
    { ...web, id: "1", startedAt: "2026-11-20T03:00:00Z" },
    { ...web, id: "3", set: "system", startedAt: "2026-11-19T03:00:00Z" },
  ]));
  assert.deepEqual(paths, [
    "hosts/web1/home/2026-11-20T03-00-00Z",
    "hosts/web1/home/2026-11-21T03-00-00Z",
    "hosts/web1/home/latest -> 2026-11-21T03-00-00Z",
    "hosts/web1/system/2026-11-19T03-00-00Z",
    "hosts/web1/system/latest -> 2026-11-19T03-00-00Z",
  ]);
});

Deno.test("hosts of one name, snapshots of one second and names that are not known stay apart", () => {
  const startedAt = "2026-11-20T03:00:00Z";
  const paths = pathsOf(topDirectory([
    { ...web, id: "20261120T030000Z-aaaaaaaa-5e0c9b1f", startedAt },
    { ...web, id: "20261120T030000Z-bbbbbbbb-5e0c9b1f", startedAt },
    { ...web, id: "20261120T030000Z-cccccccc-5e0c9b1f", hostId: "b2", startedAt },
    { id: "20261120T030000Z-dddddddd-5e0c9b1f", hostId: "c3", startedAt },
  ]));
  assert.deepEqual(paths.filter((path) => !path.includes("latest")), [
    "hosts/c3/unnamed/2026-11-20T03-00-00Z",
    "hosts/web1-a1/home/2026-11-20T03-00-00Z",
    "hosts/web1-a1/home/2026-11-20T03-00-00Z-bbbbbbbb",
    "hosts/web1-b2/home/2026-11-20T03-00-00Z",
  ]);
});

Deno.test("names that a stranger chose lead nowhere else", () => {
  const [path] = pathsOf(topDirectory([
    { id: "1", hostId: "a1", hostname: "..", set: "a/../../b\0c", startedAt: "2026-11-20T03:00:00Z" },
  ]));
  assert.equal(path, "hosts/_../a_.._.._b_c/2026-11-20T03-00-00Z");
});
