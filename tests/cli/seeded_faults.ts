import { generateKeyPair } from "../../src/seal/keys.ts";
import { randomBytes } from "../chunk/random.ts";
import { noMount, SmallDisk } from "../fixtures/small_disk.ts";
import { DrilledHost } from "./drilled_host.ts";
import { loseRights, rubbish } from "./planted.ts";

// What goes wrong with backups in the field, and which command says so. Each row is a machine with one backup, to which one thing is done.

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;

export interface Fault {
  readonly fault: string;
  /** Does it. What it returns is undone afterwards. */
  readonly seed: (host: DrilledHost) => Promise<AsyncDisposable | void>;
  /** What finds it; KEY stands for the identity file. */
  readonly command: string;
  readonly code: number;
  /** In what is printed. */
  readonly says: RegExp;
  /** How far the clock of the machine is from the right one. */
  readonly clockMs?: number;
  /** Why it cannot be tried here. */
  readonly lacks?: string;
}

export const FAULTS: readonly Fault[] = [
  {
    fault: "stale index",
    seed: async (host) => {
      const index = `${host.directory}/state/index.sqlite`;
      const copy = await Deno.readFile(index);
      await Deno.writeTextFile(`${host.tree}/later`, "another");
      await host.backUp({ now: () => new Date(Date.now() + 2_000) });
      await Deno.writeFile(index, copy);
    },
    command: "drill --cron",
    code: 5,
    says: /is in the store, and the index does not know it: the index is older than that/,
  },
  {
    fault: "dropped blob",
    seed: (host) => Deno.remove(host.objects("blobs")[0]!),
    command: "drill --cron",
    code: 5,
    says: /DAMAGED: .*\n {2}blobs\/\S+: is missing/,
  },
  {
    fault: "dropped blob, restored",
    seed: (host) => Deno.remove(host.objects("blobs")[0]!),
    command: "drill --cron --identity KEY",
    code: 5,
    says: /DAMAGED: the drill of \w+ \(--seed \d+\) has found:/,
  },
  {
    fault: "dropped page",
    seed: (host) => Deno.remove(host.objects("pages")[0]!),
    command: "drill --cron",
    code: 5,
    says: /DAMAGED: .*\n {2}pages\/\S+: is missing/,
  },
  {
    fault: "dropped page, restored",
    seed: (host) => Deno.remove(host.objects("pages")[0]!),
    command: "drill --cron --identity KEY",
    code: 5,
    says: /DAMAGED: .*\n {2}\S/,
  },
  {
    fault: "dropped snapshot",
    seed: (host) => Deno.remove(host.objects("snapshots").find((path) => path.endsWith(".age"))!),
    command: "drill --cron",
    code: 5,
    says: /DAMAGED: .*\n {2}snapshots\/\S+\.age: is missing/,
  },
  {
    fault: "dropped snapshot, restored",
    seed: (host) => Deno.remove(host.objects("snapshots").find((path) => path.endsWith(".age"))!),
    command: "drill --cron --identity KEY",
    code: 5,
    says: /DAMAGED: .*\n {2}\S/,
  },
  {
    fault: "dropped manifest",
    seed: (host) => Deno.remove(host.objects("snapshots").find((path) => path.endsWith(".zst"))!),
    command: "drill --cron",
    code: 3,
    says: /INCOMPLETE: .*\n {2}\S+: is the last snapshot that was made here, and is not in the store/,
  },
  {
    fault: "rubbish in a blob",
    seed: rubbish,
    command: "drill --cron",
    code: 5,
    says: /blobs\/\S+: is damaged: its bytes have the SHA-256 /,
  },
  {
    fault: "rubbish in a blob, restored",
    seed: rubbish,
    command: "drill --cron --identity KEY",
    code: 5,
    says: /DAMAGED: .*(\n .*)*\/tree\/sub\/0/,
  },
  {
    fault: "wrong key",
    seed: async ({ directory }) => {
      const { identity } = await generateKeyPair({ postQuantum: false });
      await Deno.writeTextFile(`${directory}/key.txt`, identity, { mode: 0o600 });
    },
    command: "drill --cron --identity KEY",
    code: 2,
    says: /Cannot open .*key/,
  },
  {
    fault: "truncated dump, by its size",
    seed: async (host) => {
      await host.configure({ snapshots: { home: { paths: [`${host.tree}/dump.sql`] } } });
      await Deno.writeTextFile(`${host.tree}/dump.sql`, "INSERT INTO t VALUES (1);\n".repeat(10_000));
      await host.backUp();
      await Deno.truncate(`${host.tree}/dump.sql`, 100);
    },
    command: "snapshot create --cron",
    code: 3,
    says: /SUSPICIOUS: .*dump\.sql" .*older snapshots are kept/,
  },
  {
    fault: "truncated dump, by what is in it",
    seed: async (host) => {
      const command = ["sh", "-c", 'tail -n 1 "$VAULTIK_DRILL_RESTORED" | grep -q complete'];
      const verify = [{ path: `${host.tree}/dump.sql`, command }];
      await host.configure({ drill: { verify } });
      await Deno.truncate(`${host.tree}/dump.sql`, 15);
      await host.backUp();
    },
    command: "drill --cron --identity KEY",
    code: 5,
    says: /dump\.sql: does not pass its verify command: sh ended with 1/,
  },
  {
    fault: "changed excludes",
    seed: (host) => host.configure({ exclude: ["sub/"] }),
    command: "snapshot create --cron",
    code: 0,
    says:
      /the excludes of home have changed since the last snapshot \(new: "sub\/"\): 5 files that it has are left out/,
  },
  {
    fault: "changed excludes, a few files",
    seed: (host) => host.configure({ exclude: ["*.sql"] }),
    command: "snapshot create --cron",
    code: 0,
    says: /warning: the excludes of home have changed .*"\*\.sql"\): 1 file that it has is left out/,
  },
  {
    fault: "empty mount",
    seed: async ({ tree }) => {
      await Deno.remove(tree, { recursive: true });
      await Deno.mkdir(tree);
    },
    command: "snapshot create --cron",
    code: 3,
    says: /SUSPICIOUS: /,
  },
  {
    fault: "clock a year ahead",
    seed: (host) => host.backUp({ now: () => new Date(Date.now() + YEAR_MS) }),
    command: "status --check",
    code: 1,
    says: /^VAULTIK WARNING - web1\/home: its host's clock is 365d ahead/,
  },
  {
    fault: "clock a year ahead, seen by the run",
    seed: async () => {},
    clockMs: YEAR_MS,
    command: "snapshot create --cron --prune",
    code: 0,
    says: /warning: the store's clock says \S+, that of this machine \S+/,
  },
  {
    fault: "clock a year behind",
    seed: async (host) => {
      await Deno.remove(host.objects("snapshots").find((path) => path.endsWith("manifest.json.zst"))!);
      await host.backUp({ now: () => new Date(Date.now() - YEAR_MS) });
    },
    command: "status --check",
    code: 2,
    says: /^VAULTIK CRITICAL - web1\/home: the last good snapshot is 365d old/,
  },
  {
    fault: "rights lost",
    seed: loseRights,
    command: "snapshot create --cron",
    code: 2,
    says:
      /vaultik: Cannot write "s3:\/\/backup\/web1\S+": \S+ refused access .*the rights that the bucket grants/,
  },
  {
    fault: "rights lost, seen by a monitor",
    seed: loseRights,
    command: "status --check",
    code: 3,
    says: /^VAULTIK UNKNOWN - Cannot /,
  },
  {
    fault: "full disk",
    lacks: noMount,
    seed: async (host) => {
      const disk = new SmallDisk(`${host.directory}/small`, 1);
      await host.configure({
        storage_url: `file://${disk.directory}`,
        index_path: `${host.directory}/other/index.sqlite`,
      });
      await Deno.writeFile(`${host.tree}/large`, randomBytes(1, 4 << 20));
      return disk;
    },
    command: "snapshot create --cron",
    code: 1,
    says: /vaultik: Cannot .*no space left/i,
  },
  {
    fault: "full disk, where a drill restores to",
    lacks: noMount,
    seed: async (host) => {
      await Deno.writeFile(`${host.tree}/large`, randomBytes(1, 4 << 20));
      await host.backUp();
      return new SmallDisk(`${host.directory}/small`, 1);
    },
    command: "drill --cron --identity KEY --scratch DIRECTORY/small",
    code: 1,
    says: /vaultik: Cannot .*no space left/i,
  },
  {
    fault: "dead cron",
    seed: async () => {},
    clockMs: 51 * HOUR_MS,
    command: "status --check",
    code: 2,
    says: /^VAULTIK CRITICAL - web1\/home: the last good snapshot is 2d3h old/,
  },
  {
    fault: "dead cron that was to run every hour",
    seed: (host) => host.configure({ expected_interval: "1h" }),
    clockMs: 3 * HOUR_MS,
    command: "status --check",
    code: 2,
    says: /^VAULTIK CRITICAL - web1\/home: the last good snapshot is 3h old/,
  },
  {
    fault: "drills that do not come",
    seed: (host) => host.configure({ drill: { interval: "7d" } }),
    command: "status --check",
    code: 1,
    says: /^VAULTIK WARNING - web1: it has had no drill/,
  },
  {
    fault: "half-written config",
    seed: async ({ directory }) => {
      const { size } = await Deno.stat(`${directory}/config.yml`);
      await Deno.truncate(`${directory}/config.yml`, Math.floor(size / 2));
    },
    command: "snapshot create --cron",
    code: 2,
    says: /Cannot use configuration \S+config\.yml: line 1, column \d+ is not YAML/,
  },
  {
    fault: "config that ends where a line does",
    seed: ({ directory }) =>
      Deno.writeTextFile(`${directory}/config.yml`, `index_path: ${directory}/state/index.sqlite\n`),
    command: "snapshot create --cron",
    code: 2,
    says: /Cannot use configuration \S+config\.yml: \w+ is missing/,
  },
];
