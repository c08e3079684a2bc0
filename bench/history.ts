import { parseArgs } from "node:util";
import { formatSize } from "../src/base/units.ts";
import { openFileStore } from "../src/store/file.ts";
import { hostPrefix } from "../src/model/names.ts";
import { within } from "../src/store/within.ts";
import { forgeHistory } from "./history_forge.ts";
import { STEPS } from "./history_steps.ts";
import { V8_FLAGS } from "./v8_flags.ts";

const HELP =
  `What a long history costs: forges the store of a host of which each snapshot changes 20 files out of 1,000,000 and needs
almost all blobs, then measures what people do with it, each in a process of its own.

  --snapshots N  (default 1,000)
  --blobs N      (default 65,000, which is 1 TB)
`;
const { values } = parseArgs({
  options: {
    snapshots: { type: "string", default: "1000" },
    blobs: { type: "string", default: "65000" },
    help: { type: "boolean" },
  },
});
if (values.help) {
  console.log(HELP);
  Deno.exit();
}
const [snapshots, blobs] = [Number(values.snapshots), Number(values.blobs)];

const directory = await Deno.makeTempDir({ prefix: "vaultik-bench-history-" });
try {
  await using store = await openFileStore(directory);
  const { host, identity, path, addedBytes } = await forgeHistory(store, { snapshots, blobs });
  const sorted = addedBytes.toSorted((a, b) => a - b);
  console.log(
    `${snapshots} snapshots, ${blobs} blobs; beside chunks and pages a snapshot adds ` +
      `${formatSize(sorted[sorted.length >> 1]!)} (median), ${formatSize(sorted.at(-1)!)} (most)`,
  );
  const bytes = await totalBytes(within(store, hostPrefix(host)));
  console.log(`public and sealed metadata of all snapshots: ${formatSize(bytes)}`);
  for (const step of Object.keys(STEPS)) {
    const env = { VAULTIK_BENCH: JSON.stringify({ directory, host, identity, path, blobs, step }) };
    const args = [
      "run",
      "-A",
      "--no-prompt",
      V8_FLAGS,
      new URL("./history_steps.ts", import.meta.url).pathname,
    ];
    const { code } = await new Deno.Command(Deno.execPath(), {
      args,
      env,
      stdout: "inherit",
      stderr: "inherit",
    })
      .output();
    if (code !== 0) Deno.exit(code);
  }
} finally {
  await Deno.remove(directory, { recursive: true });
}

async function totalBytes(store: Pick<Awaited<ReturnType<typeof openFileStore>>, "list">): Promise<number> {
  let bytes = 0;
  for await (const { size } of store.list("")) bytes += size;
  return bytes;
}
