import assert from "node:assert/strict";
import { ELOOP } from "../../src/platform/libc.ts";
import { linkAt } from "../../src/platform/no_links.ts";
import { SystemError } from "../../src/platform/read.ts";
import { ForeignLinkError, type Link, resolveRoot } from "../../src/scan/resolve_root.ts";
import { Roots } from "../../src/scan/roots.ts";
import { inDirectory, make } from "./walked.ts";

const LINKS: Readonly<Record<string, Link>> = {
  "/bin": { target: "usr/bin", uid: 0 },
  "/data": { target: "/mnt/disk1/", uid: 0 },
  "/srv/app": { target: "../opt/./app/../current", uid: 1000 },
  "/opt/current": { target: "releases/7", uid: 0 },
  "/loop": { target: "loop/x", uid: 0 },
  "/home/eve/docs": { target: "/etc", uid: 666 },
  "/up": { target: "../../..", uid: 0 },
};

const PLACES: [path: string, place: string, links: string[]][] = [
  ["/", "/", []],
  ["/etc", "/etc", []],
  ["/bin/ls", "/usr/bin/ls", ["/bin"]],
  ["/data", "/mnt/disk1", ["/data"]],
  ["/srv/app/x", "/opt/releases/7/x", ["/srv/app", "/opt/current"]],
  ["/up/etc", "/etc", ["/up"]],
];

for (const [path, place, links] of PLACES) {
  Deno.test(`resolveRoot() finds that ${path} is at ${place}`, () =>
    assert.deepEqual(resolveRoot(path, 1000, (at) => LINKS[at]), { path: place, links }));
}

Deno.test("resolveRoot() refuses links in circles, and those of other users", () => {
  const isLoop = (error: unknown) => error instanceof SystemError && error.code === ELOOP;
  assert.throws(() => resolveRoot("/loop", 0, (at) => LINKS[at]), isLoop);
  assert.throws(() => resolveRoot("/home/eve/docs/x", 0, (at) => LINKS[at]), ForeignLinkError);
  assert.equal(resolveRoot("/home/eve/docs/x", 666, (at) => LINKS[at]).path, "/etc/x");
});

Deno.test("linkAt() tells of links alone", () =>
  inDirectory((directory) => {
    make(directory, "file", "directory/");
    Deno.symlinkSync("nowhere", `${directory}/link`);
    assert.deepEqual(linkAt(`${directory}/link`), { target: "nowhere", uid: Deno.uid()! });
    for (const name of ["file", "directory", "missing", "link/x"]) {
      assert.equal(linkAt(`${directory}/${name}`), undefined);
    }
  }));

Deno.test("Roots knows the way to roots within others", () => {
  const roots = new Roots(["/b", "/a/x/y", "/a", "/a/x/z", "/a"]);
  assert.deepEqual(roots.outermost, ["/a", "/b"]);
  assert.deepEqual(["/a", "/a/x", "/a/x/y"].map((path) => roots.isInner(path)), [false, false, true]);
  assert.deepEqual(["/a", "/a/x", "/a/x/y"].map((path) => roots.namesTowards(path)), [["x"], ["y", "z"], []]);
  assert.deepEqual(["/b", "/a/q", "/a/x/y"].map((path) => roots.leadsToInner(path)), [false, false, true]);
});
