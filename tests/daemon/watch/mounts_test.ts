import assert from "node:assert/strict";
import { changedMounts, mountPointOf, parseMounts, remoteType } from "../../../src/daemon/watch/mounts.ts";

const MOUNTS = parseMounts(
  [
    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
    "30 22 0:26 / /srv/a\\040b rw - nfs4 server:/x rw",
    "31 22 8:17 / /mnt rw - ext4 /dev/sdb1 rw",
    "32 22 0:50 / /mnt rw - fuse.sshfs other:/ rw",
    "",
  ].join("\n"),
);

Deno.test("parseMounts() reads paths with spaces, and keeps the uppermost of several mounts at one path", () => {
  assert.deepEqual([...MOUNTS.keys()], ["/", "/srv/a b", "/mnt"]);
  assert.deepEqual(MOUNTS.get("/mnt"), { path: "/mnt", id: "32", type: "fuse.sshfs", device: 50 });
  assert.equal(MOUNTS.get("/")!.device, 8 * 2 ** 32 + 1);
});

Deno.test("changedMounts() tells what came, went or was replaced", () => {
  const after = parseMounts(
    "22 1 8:1 / / rw - ext4 x rw\n40 22 8:17 / /mnt rw - ext4 x rw\n41 22 8:18 / /new rw - xfs x rw",
  );
  assert.deepEqual(changedMounts(MOUNTS, after).toSorted(), ["/mnt", "/new", "/srv/a b"]);
  assert.deepEqual(changedMounts(MOUNTS, MOUNTS), []);
});

Deno.test("remoteType() knows the file systems that others change", () => {
  assert.equal(remoteType(MOUNTS, 26), "nfs4");
  assert.equal(remoteType(MOUNTS, 50), "fuse.sshfs");
  assert.equal(remoteType(MOUNTS, 8 * 2 ** 32 + 1), undefined);
  assert.equal(remoteType(MOUNTS, 999), undefined);
});

Deno.test("mountPointOf() finds the nearest mount above", () => {
  assert.equal(mountPointOf(MOUNTS, "/mnt/a/b"), "/mnt");
  assert.equal(mountPointOf(MOUNTS, "/mnt"), "/mnt");
  assert.equal(mountPointOf(MOUNTS, "/srv/a"), "/");
});
