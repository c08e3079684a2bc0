import assert from "node:assert/strict";
import { fileBackend } from "../../src/store/file_backend.ts";
import { rcloneBackend } from "../../src/store/rclone_backend.ts";

/** As names of directories may be. */
const PATHS = ["srv/backup", "srv/100% safe", "srv/a%41b", "srv/a?b#c", "srv/é €"];

Deno.test("an address that is printed, as in a recovery kit, names the same place when it is typed again", () => {
  for (const path of PATHS) {
    const file = { path: `/${path}` };
    assert.deepEqual(fileBackend.parse(fileBackend.address(file).slice("file://".length)), file);
    const rclone = { remote: "nas", path };
    assert.deepEqual(rcloneBackend.parse(rcloneBackend.address(rclone).slice("rclone://".length)), rclone);
  }
});
