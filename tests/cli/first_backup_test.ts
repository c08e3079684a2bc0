import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { InterruptedError } from "../../src/base/errors.ts";
import { DrilledHost } from "./drilled_host.ts";
import { inDirectory } from "./in_process.ts";

/** A host whose first backup has failed, before the store was explained. */
async function begun(directory: string): Promise<DrilledHost> {
  const host = await DrilledHost.make(directory);
  await host.configure({
    index_path: `${directory}/new/index.sqlite`,
    snapshots: { home: { paths: ["/none"] } },
  });
  const { code, stderr } = await host.run(["snapshot", "create"]);
  assert.notEqual(code, 0, stderr);
  await host.configure({ snapshots: { home: { paths: [host.tree] } } });
  await Deno.remove(`${directory}/store/README.txt`);
  return host;
}

async function assertExplained(directory: string): Promise<void> {
  assert.ok((await Deno.stat(`${directory}/store/README.txt`)).isFile);
}

const options = { sanitizeOps: false, sanitizeResources: false };

Deno.test(
  "the first backup that succeeds explains the store, also when others have failed before",
  options,
  () =>
    inDirectory(async (directory) => {
      const host = await begun(directory);
      await host.backUp();
      await assertExplained(directory);
    }),
);

Deno.test(
  "the first backup of a daemon explains the store, also when others have failed before",
  options,
  () =>
    inDirectory(async (directory) => {
      const host = await begun(directory);
      const stop = new AbortController();
      const { code, stderr } = await host.run(["snapshot", "create", "--daemon"], {
        signal: stop.signal,
        onStdout(text) {
          if (text.startsWith("Watching for changes")) stop.abort(new InterruptedError());
        },
      });
      assert.equal(code, 0, stderr);
      await assertExplained(directory);
    }),
);
