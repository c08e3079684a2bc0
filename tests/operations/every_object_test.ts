import "../fixtures/same_thread.ts";
import assert from "node:assert/strict";
import { equalBytes } from "../../src/base/bytes.ts";
import { CorruptionError, NotFoundError } from "../../src/base/errors.ts";
import { hostPrefix, isHostObject, parseBlobName } from "../../src/model/names.ts";
import { repair } from "../../src/operations/repair/repair.ts";
import { restore } from "../../src/operations/restore/restore.ts";
import { verifySnapshots } from "../../src/operations/verify/verify.ts";
import { MemoryStore } from "../../src/store/memory.ts";
import type { ObjectStore } from "../../src/store/store.ts";
import { within } from "../../src/store/within.ts";
import { randomBytes } from "../chunk/random.ts";
import { KEYS, Machine } from "./machine.ts";

// Every object of a small store is damaged in every way, one at a time: a deep verification names it, a quick one where the size or
// a signature tells, a restore never writes a wrong byte, and a repair heals what the files still hold.

type Objects = ReadonlyMap<string, Uint8Array>;
type Files = ReadonlyMap<string, Uint8Array>;

interface Damage {
  readonly what: string;
  /** The objects as they are then. */
  readonly make: (objects: Objects, name: string) => Map<string, Uint8Array>;
}

const changed = (change: (bytes: Uint8Array) => Uint8Array): Damage["make"] => (objects, name) =>
  new Map(objects).set(name, change(objects.get(name)!));

const flipped = (where: number): Damage => ({
  what: `has a wrong bit at ${where} of its length`,
  make: changed((bytes) => {
    const at = Math.min(bytes.length - 1, Math.floor(bytes.length * where));
    return bytes.with(at, bytes[at]! ^ 0x10);
  }),
});

/** The object that takes part in a swap: another of its kind, or the next at all. */
function partner(objects: Objects, name: string): string {
  const kind = /^[a-z]+|[^/]+$/g;
  const alike = [...objects.keys()].filter((other) =>
    other !== name && other.match(kind)![0] === name.match(kind)![0]
  );
  const last = name.slice(name.lastIndexOf("/"));
  return alike.find((other) => other.endsWith(last)) ?? alike[0] ??
    [...objects.keys()].find((other) => other !== name)!;
}

const DAMAGES: readonly Damage[] = [
  ...[0, 0.2, 0.5, 0.8, 1].map(flipped),
  { what: "is cut by a byte", make: changed((bytes) => bytes.subarray(0, -1)) },
  { what: "is cut in half", make: changed((bytes) => bytes.subarray(0, bytes.length >>> 1)) },
  { what: "is empty", make: changed(() => new Uint8Array(0)) },
  {
    what: "is missing",
    make: (objects, name) => new Map([...objects].filter(([other]) => other !== name)),
  },
  {
    what: "has changed places with another",
    make: (objects, name) => {
      const other = partner(objects, name);
      return new Map(objects).set(name, objects.get(other)!).set(other, objects.get(name)!);
    },
  },
  {
    what: "has been replaced by a copy of another",
    make: (objects, name) => new Map(objects).set(name, objects.get(partner(objects, name))!),
  },
];

/** A machine with two snapshots, and the contents of the files in each. */
async function withTwo() {
  const machine = await Machine.make({ chunkSizeBytes: 1 << 10, blobSizeBytes: 1 << 18 }, new MemoryStore());
  machine.write("a", randomBytes(1, 3_000));
  machine.write("b/c", randomBytes(2, 3_000));
  machine.write("listed", randomBytes(3, 1_400_000));
  machine.write("changed", "as it was");
  Deno.linkSync(`${machine.data}/a`, `${machine.data}/z`);
  const snapshots: { id: string; files: Files }[] = [];
  snapshots.push({ id: (await machine.backUp()).id, files: filesOf(machine.data) });
  machine.write("changed", "as it is");
  machine.write("new", randomBytes(4, 3_000));
  snapshots.push({ id: (await machine.backUp()).id, files: filesOf(machine.data) });
  const objects = new Map<string, Uint8Array>();
  for (const name of await machine.objects()) objects.set(name, await machine.store.get(name));
  return { machine, snapshots, objects };
}

function filesOf(directory: string, below = ""): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const { name, isDirectory } of Deno.readDirSync(directory + below)) {
    const path = `${below}/${name}`;
    if (isDirectory) { for (const [inner, bytes] of filesOf(directory, path)) files.set(inner, bytes); }
    else files.set(path, Deno.readFileSync(directory + path));
  }
  return files;
}

async function storeOf(objects: Objects, prefix = ""): Promise<MemoryStore> {
  const store = new MemoryStore();
  for (const [name, bytes] of objects) await store.put(prefix + name, bytes);
  return store;
}

/** Restores, and fails where a file has other bytes than it had; the paths that came back. */
async function restoreAll(
  machine: Machine,
  store: ObjectStore,
  id: string,
  files: Files,
): Promise<Set<string>> {
  const target = Deno.makeTempDirSync({ dir: machine.directory });
  try {
    const options = { snapshotId: id, target, paths: [], identities: [KEYS.identity], writers: 1 };
    await restore(machine.tools({ store }), options);
  } catch (error) {
    if (!(error instanceof CorruptionError || error instanceof NotFoundError)) throw error;
  }
  try {
    const restored = filesOf(target).size === 0 ? new Map() : filesOf(target + machine.data);
    for (const [path, bytes] of restored) {
      assert.ok(equalBytes(bytes, files.get(path)!), `${path} has wrong bytes`);
    }
    return new Set(restored.keys());
  } finally {
    Deno.removeSync(target, { recursive: true });
  }
}

/** Names of the objects that a verification finds. */
async function found(machine: Machine, store: ObjectStore, deep: boolean): Promise<string[]> {
  const warnings: string[] = [];
  const tools = machine.tools({
    store,
    report: (event) => void ("text" in event && warnings.push(event.text)),
  });
  const options = { snapshotIds: [], readers: 1, deep: deep ? { identities: [KEYS.identity] } : undefined };
  const { problems } = await verifySnapshots(tools, options);
  return [...problems.map(({ object }) => object), ...warnings];
}

/** What a quick verification can tell: another size, nothing there, and a small object, which is read, that is not what was signed. */
function isQuick(objects: Objects, damaged: Objects, name: string): boolean {
  return name.endsWith("/manifest.json.zst") || isHostObject(name) ||
    objects.get(name)!.length !== damaged.get(name)?.length;
}

Deno.test("whatever is done to any object, verify names it and a restore writes no wrong byte", async (t) => {
  const { machine, snapshots, objects } = await withTwo();
  await using _ = machine;
  for (const name of objects.keys()) {
    await t.step(name.replace(/[0-9a-f]{56}/, "…"), async () => {
      for (const { what, make } of DAMAGES) {
        const damaged = make(objects, name);
        const store = await storeOf(damaged);
        const directory = name.replace(/[^/]*$/, "");
        const isNamed = (texts: readonly string[]) =>
          texts.some((text) =>
            text.includes(name) || text.includes(`"${directory}"`) || directory !== "" && text === directory
          );
        assert.ok(isNamed(await found(machine, store, true)), `deep: ${name} ${what}`);
        if (isQuick(objects, damaged, name)) {
          assert.ok(isNamed(await found(machine, store, false)), `quick: ${name} ${what}`);
        }
        for (const { id, files } of snapshots) await restoreAll(machine, store, id, files);
      }
    });
  }
});

Deno.test("an object more, under a name of its own, disturbs no one", async () => {
  const { machine, snapshots, objects } = await withTwo();
  await using _ = machine;
  for (const [name, bytes] of objects) {
    const other = name.startsWith("snapshots/")
      ? name.replace("snapshots/", "snapshots/copy-of-")
      : parseBlobName(name) === undefined
      ? `copy-of-${name}`
      : name.replace(/^(\w+\/).*$/, `$1ff/ff/${"f".repeat(64)}`);
    const store = await storeOf(new Map(objects).set(other, bytes));
    const texts = await found(machine, store, false);
    assert.ok(texts.every((text) => text.includes("copy-of-")), texts.join());
    const { id, files } = snapshots[1]!;
    assert.equal((await restoreAll(machine, store, id, files)).size, files.size);
  }
});

Deno.test("whatever is done to any object, repair heals what the files hold", async (t) => {
  const { machine, snapshots: [first, last], objects } = await withTwo();
  await using _ = machine;
  const { indexPath } = machine.options;
  const healing = [2, 6, 8, 9].map((i) => DAMAGES[i]!);
  for (const name of objects.keys()) {
    await t.step(name.replace(/[0-9a-f]{56}/, "…"), async () => {
      for (const { what, make } of healing) {
        const root = await storeOf(make(objects, name), hostPrefix(machine.host));
        const store = within(root, hostPrefix(machine.host));
        const directory = Deno.makeTempDirSync({ dir: machine.directory });
        for (const end of ["", ".host.json"]) Deno.copyFileSync(indexPath + end, `${directory}/index${end}`);
        const backup = { ...machine.options, indexPath: `${directory}/index` };
        const options = {
          backups: [backup],
          deep: true,
          readers: 1,
          dryRun: false,
          identities: [KEYS.identity],
        };
        const { left } = await repair(machine.rootTools({ store: root, report: () => {} }), options);
        // Of the last snapshot the index and the files have everything.
        assert.equal(
          (await restoreAll(machine, store, last!.id, last!.files)).size,
          last!.files.size,
          `${name} ${what}`,
        );
        const restored = await restoreAll(machine, store, first!.id, first!.files);
        if (name.startsWith("blobs/")) {
          const held = [...first!.files.keys()].filter((path) => path !== "/changed");
          assert.deepEqual(held.filter((path) => !restored.has(path)), [], `${name} ${what}`);
        }
        const now = await found(machine, store, true);
        const isLeft = (text: string) =>
          name.startsWith(`snapshots/${first!.id}/`) || left.some(({ object }) => text.includes(object));
        assert.deepEqual(now.filter((text) => !isLeft(text)), [], `${name} ${what}`);
      }
    });
  }
});
