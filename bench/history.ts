// What a long history costs: forges the store of a host with BLOBS blobs (1 TB by default) and SNAPSHOTS snapshots that each change 20
// files out of 1,000,000 and need almost all blobs, then measures what people do with it, each in a process of its own.
//   deno run -A bench/history.ts [SNAPSHOTS] [BLOBS]
import { formatSize } from "../src/base/units.ts";
import { openFileStore } from "../src/store/file.ts";
import { hostPrefix } from "../src/model/names.ts";
import { within } from "../src/store/within.ts";
import { forgeHistory } from "./history_forge.ts";
import { STEPS } from "./history_steps.ts";
import { V8_FLAGS } from "./v8_flags.ts";

const [snapshots, blobs] = [Number(Deno.args[0] ?? 1_000), Number(Deno.args[1] ?? 65_000)];

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
