import assert from "node:assert/strict";
import { openFileStore } from "../../src/store/file.ts";
import { KEYS, Machine } from "../operations/machine.ts";
import { HOSTILE, type Hostile } from "./hostile_objects.ts";
import { programWords, testOfExecutable } from "./vaultik.ts";

const MIB = 2 ** 20;
/** The runtime alone takes about 100 MiB. */
const PEAK_MAX = 256 * MIB;

/** Runs a command and tells its exit code, what it said, how long it took and its largest memory. */
const MEASURE = `
import json, os, sys, time
start = time.monotonic()
out, err = os.pipe()
child = os.fork()
if child == 0:
    os.dup2(err, 1); os.dup2(err, 2); os.close(out)
    os.execvp(sys.argv[1], sys.argv[1:])
os.close(err)
said = b""
while len(said) < 1000000:
    part = os.read(out, 65536)
    if not part: break
    said += part
_, status, usage = os.wait4(child, 0)
print(json.dumps({"code": os.waitstatus_to_exitcode(status), "said": said.decode("utf8", "replace"),
                  "seconds": time.monotonic() - start, "peak": usage.ru_maxrss * 1024}))
`;

interface Measured {
  readonly code: number;
  readonly said: string;
  readonly seconds: number;
  readonly peak: number;
}

async function measure(args: readonly string[]): Promise<Measured> {
  const command = [...programWords(), ...args];
  const { stdout } = await new Deno.Command("python3", { args: ["-c", MEASURE, ...command], stdin: "null" })
    .output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

function commandFor({ command }: Hostile, id: string, directory: string): string[] {
  const key = `${directory}/key.txt`;
  switch (command) {
    case "list":
      return ["snapshot", "list"];
    case "verify":
      return ["snapshot", "verify", id];
    case "restore":
      return ["restore", id, `${directory}/restored`, "--identity", key];
    case "prune":
      return ["prune", "--dry-run"];
  }
}

async function attack(hostile: Hostile): Promise<{ measured: Measured; object: string }> {
  const directory = await Deno.makeTempDir({ prefix: "vaultik-hostile-" });
  try {
    await Deno.mkdir(`${directory}/store`);
    await Deno.writeTextFile(`${directory}/key.txt`, KEYS.identity + "\n", { mode: 0o600 });
    await using store = await openFileStore(`${directory}/store`);
    await using machine = await Machine.make({}, store);
    const { id, object } = await hostile.put(machine);
    const url = ["--storage-url", `file://${directory}/store`];
    return { measured: await measure([...commandFor(hostile, id, directory), ...url]), object };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

testOfExecutable(
  "hostile objects cost bounded memory, are named, and end in one clear line each",
  async (context) => {
    const rows: string[] = [];
    for (const hostile of HOSTILE) {
      await context.step(hostile.what, async () => {
        const { measured: { code, said, seconds, peak }, object } = await attack(hostile);
        rows.push(
          `${seconds.toFixed(1).padStart(5)} s ${Math.round(peak / MIB)} MiB  exit ${code}  ${hostile.what}`,
        );
        assert.equal(code, hostile.code, said);
        assert.ok(said.includes(object) || hostile.code === 2, `it does not name "${object}": ${said}`);
        assert.doesNotMatch(said, /this is a bug/);
        assert.ok(peak < PEAK_MAX, `${Math.round(peak / MIB)} MiB`);
      });
    }
    console.log(rows.join("\n"));
  },
);
