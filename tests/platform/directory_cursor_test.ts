import assert from "node:assert/strict";
import { openSubdirectoryForReading } from "../../src/platform/beneath.ts";
import { DirectoryCursor } from "../../src/platform/directory_cursor.ts";
import { AT_FDCWD, ENOENT, ESTALE, isPortable } from "../../src/platform/libc.ts";
import { SystemError } from "../../src/platform/read.ts";

/** Without descriptors of directories one that was moved is not at its path any more. */
const MOVED = isPortable ? ENOENT : ESTALE;

Deno.test("a cursor does not come up elsewhere than where it went down", async () => {
  const root = await Deno.makeTempDir();
  await Deno.mkdir(`${root}/a/b/c`, { recursive: true });
  await Deno.mkdir(`${root}/elsewhere`);
  {
    using cursor = new DirectoryCursor(openSubdirectoryForReading(AT_FDCWD, root));
    cursor.down("a");
    cursor.down("b");
    cursor.up();
    assert.deepEqual(cursor.names(), ["b"]);
    cursor.down("b");
    await Deno.rename(`${root}/a/b`, `${root}/elsewhere/b`);
    assert.throws(() => cursor.up(), (error) => error instanceof SystemError && error.code === MOVED);
    if (!isPortable) assert.deepEqual(cursor.names(), ["c"]);
  }
  await Deno.remove(root, { recursive: true });
});
