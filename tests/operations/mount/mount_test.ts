import assert from "node:assert/strict";
import { CorruptionError } from "../../../src/base/errors.ts";
import { deviceOf, serveMount } from "../../../src/operations/mount/mount.ts";
import type { Tree } from "../../../src/operations/browse/tree.ts";
import { MemoryTree } from "./memory_tree.ts";

// By the kernel's own FUSE. What looks at the mount is other programs: a system call of this thread would wait for itself.

const canMount = Deno.build.os === "linux" && Deno.uid() === 0 && await isThere("/dev/fuse");

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function sh(script: string): Promise<{ out: string; err: string; code: number }> {
  const { code, stdout, stderr } = await new Deno.Command("timeout", {
    args: ["-k1", "30", "sh", "-c", script],
    env: { LC_ALL: "C" },
  })
    .output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trimEnd();
  return { code, out: text(stdout), err: text(stderr) };
}

/** Mounts `tree` while `work` runs; gives what the mount has lost. */
async function mounted(
  tree: Tree,
  work: (path: string, abort: () => void) => Promise<void>,
): Promise<Error[]> {
  const path = await Deno.makeTempDir({ prefix: "vaultik-mount-" });
  const controller = new AbortController();
  const losses: Error[] = [];
  const begun = Promise.withResolvers<void>();
  const served = serveMount(tree, {
    path,
    allowOther: false,
    signal: controller.signal,
    onMounted: () => begun.resolve(),
    onLoss: (error) => losses.push(error),
  });
  try {
    await Promise.race([begun.promise, served]);
    await work(path, () => controller.abort());
  } finally {
    controller.abort();
    await served;
    await Deno.remove(path);
  }
  return losses;
}

const HELLO = new TextEncoder().encode("hello\n");
const MIB = 1024 * 1024;

/** Bytes that say where they are. */
function patternAt(offset: number, length: number): Promise<Uint8Array> {
  return Promise.resolve(
    Uint8Array.from({ length }, (_, i) => ((offset + i) * 31 + ((offset + i) >>> 8)) & 255),
  );
}

/** `size` bytes that say how many they are. */
function sayingIts(size: number): (offset: number, length: number) => Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(`${size}\n`.repeat(size / 5) + ".".repeat(size % 5));
  return (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length));
}

const many = new Map(
  Array.from({ length: 3000 }, (_, i) => [`file-${String(i).padStart(5, "0")}`, 1000 + i]),
);

function makeTree(): MemoryTree {
  return new MemoryTree({
    7: {
      attributes: { mode: 0o755, mtime: "1600000000000000001" },
      entries: new Map([
        ["hello", 2],
        ["same", 2],
        ["link", 3],
        ["many", 4],
        ["\xe9\xff name", 5],
        ["broken", 6],
        ["big", 8],
        ["sparse", 9],
        ["old", 10],
        ["null", 11],
        ["stuck", 12],
      ]),
    },
    2: {
      attributes: { size: 6, links: 2, mode: 0o640, uid: 12, gid: 34, mtime: "1700000000123456789" },
      read: (offset, length) => Promise.resolve(HELLO.subarray(offset, offset + length)),
      xattrs: [["user.color", new TextEncoder().encode("green")], ["user.empty", new Uint8Array(0)]],
    },
    3: { attributes: { mode: 0o777, size: 5 }, target: "hello" },
    4: { attributes: { mode: 0o755 }, entries: many },
    5: { attributes: { size: 0 } },
    6: { attributes: { size: 10 }, read: () => Promise.reject(new CorruptionError("blob lost")) },
    8: { attributes: { size: 5 * MIB + 3 }, read: patternAt },
    9: {
      attributes: { size: 3 * MIB, dataBytes: MIB },
      holes: [[0, MIB], [2 * MIB, MIB]],
      read: (_, length) => Promise.resolve(new Uint8Array(length)),
    },
    10: { attributes: { size: 0, mtime: "-1500000000" } },
    11: { attributes: { kind: "char_device", mode: 0o666, device: [1, 3] } },
    12: { attributes: { size: 10 }, read: () => new Promise(() => {}) },
    ...Object.fromEntries(
      [...many.values()].map((id) => [id, { attributes: { size: id }, read: sayingIts(id) }]),
    ),
  });
}

const test = (name: string, run: () => Promise<void>) => Deno.test({ name, ignore: !canMount, fn: run });

test("a mount shows names, attributes, contents, links and attributes of a tree", async () => {
  const losses = await mounted(makeTree(), async (path) => {
    const names = await sh(`ls -b1 ${path}`);
    assert.equal(
      names.out,
      "big\nbroken\nhello\nlink\nmany\nnull\nold\nsame\nsparse\nstuck\n\\351\\377\\ name",
    );
    const stat = await sh(`cd ${path} && stat -c '%n %A %h %u %g %s %.9Y %t:%T' hello same link null old .`);
    assert.equal(
      stat.out,
      "hello -rw-r----- 2 12 34 6 1700000000.123456789 0:0\nsame -rw-r----- 2 12 34 6 1700000000.123456789 0:0\n" +
        "link lrwxrwxrwx 1 0 0 5 1700000000.123456789 0:0\nnull crw-rw-rw- 1 0 0 0 1700000000.123456789 1:3\n" +
        "old -rw-r--r-- 1 0 0 0 -1.500000000 0:0\n. drwxr-xr-x 1 0 0 0 1600000000.000000001 0:0",
    );
    assert.equal((await sh(`cat ${path}/hello ${path}/link`)).out, "hello\nhello");
    assert.equal((await sh(`readlink ${path}/link`)).out, "hello");
    const [one, other] = (await sh(`cd ${path} && stat -c %i hello same`)).out.split("\n");
    assert.equal(one, other);
    assert.equal((await sh(`cat ${path}/missing`)).code, 1);
  });
  assert.deepEqual(losses, []);
});

test("every entry of a large directory is listed once, also with its attributes", async () => {
  await mounted(makeTree(), async (path) => {
    assert.deepEqual((await sh(`ls -U ${path}/many | sort`)).out.split("\n"), [...many.keys()]);
    const sizes = (await sh(`find ${path}/many -type f -printf '%f %s\n' | sort`)).out.split("\n");
    assert.deepEqual(sizes, [...many].map(([name, id]) => `${name} ${id}`));
  });
});

test("small files that are read one after the other have their own bytes, whoever reads them meanwhile", async () => {
  await mounted(makeTree(), async (path) => {
    const script = `import os, sys
names = os.listdir(sys.argv[1])
sizes = [os.stat(os.path.join(sys.argv[1], n)).st_size for n in names]
for turn in range(2):
    for n, size in zip(names, sizes):
        with open(os.path.join(sys.argv[1], n), "rb") as f: bytes = f.read()
        assert bytes == b"%d\\n" % size * (size // 5) + b"." * (size % 5), n
print("same")`;
    const readers = [1, 2, 3].map(() => sh(`python3 -c '${script}' ${path}/many`));
    for (const { out, err } of await Promise.all(readers)) assert.equal(out, "same", err);
  });
});

test("what several readers read at a time is right, whatever parts they ask for", async () => {
  await mounted(makeTree(), async (path) => {
    const script = `import os, sys
size = ${5 * MIB + 3}
whole = bytes((i * 31 + (i >> 8)) & 255 for i in range(size))
reader = int(sys.argv[2])
f = os.open(sys.argv[1], os.O_RDONLY)
for i in range(60):
    at = (i * 999983 + reader * 131071) % size
    length = 1 + (i * 37777) % 400000
    assert os.pread(f, length, at) == whole[at:at + length], at
print("same")`;
    const readers = [1, 2, 3, 4].map((reader) => sh(`python3 -c '${script}' ${path}/big ${reader}`));
    for (const { out, err } of await Promise.all(readers)) assert.equal(out, "same", err);
    assert.equal((await sh(`tail -c 3 ${path}/big | wc -c`)).out, "3");
  });
});

test("extended attributes are listed and read", async () => {
  await mounted(makeTree(), async (path) => {
    const script = `import os, sys
p = sys.argv[1]
print(sorted(os.listxattr(p)), os.getxattr(p, "user.color"), os.getxattr(p, "user.empty"))
try: os.getxattr(p, "user.other")
except OSError as e: print(e.errno)`;
    const { out } = await sh(`python3 -c '${script.replaceAll("'", "'\\''")}' ${path}/hello`);
    assert.equal(out, "['user.color', 'user.empty'] b'green' b''\n61");
  });
});

test("programs find the holes of a file", async () => {
  await mounted(makeTree(), async (path) => {
    const script = `import os, sys
f = os.open(sys.argv[1], os.O_RDONLY)
print(os.lseek(f, 0, os.SEEK_DATA), os.lseek(f, ${MIB}, os.SEEK_HOLE), os.fstat(f).st_blocks)
try: os.lseek(f, ${2 * MIB}, os.SEEK_DATA)
except OSError as e: print(e.errno)`;
    assert.equal((await sh(`python3 -c '${script}' ${path}/sparse`)).out, `${MIB} ${2 * MIB} 2048\n6`);
  });
});

test("a file that is lost is an input/output error of its own, and the rest goes on", async () => {
  const losses = await mounted(makeTree(), async (path) => {
    const { code, err } = await sh(`cat ${path}/broken`);
    assert.equal(code, 1);
    assert.match(err, /Input\/output error/);
    assert.equal((await sh(`cat ${path}/hello`)).out, "hello");
  });
  assert.match(losses[0]!.message, /blob lost/);
});

test("nothing can be written", async () => {
  await mounted(makeTree(), async (path) => {
    for (const script of [`echo x > ${path}/new`, `rm ${path}/hello`, `chmod 700 ${path}/hello`]) {
      assert.match((await sh(script)).err, /Read-only file system/, script);
    }
  });
});

test("umount by another program ends the mount", async () => {
  await mounted(makeTree(), async (path) => {
    assert.equal((await sh(`umount ${path}`)).code, 0);
    assert.equal((await sh(`mountpoint -q ${path}`)).code, 32);
  });
});

test("a mount goes when it is asked to end, also while someone reads; a reader can be interrupted", async () => {
  await mounted(makeTree(), async (path, abort) => {
    const killed = await sh(`timeout -s INT 0.3 cat ${path}/stuck`);
    assert.equal(killed.code, 124);
    const reader = sh(`cat ${path}/stuck`);
    await sh(`sleep 0.2`);
    abort();
    assert.equal((await sh(`sleep 0.2; mountpoint -q ${path}`)).code, 32);
    assert.equal((await reader).code, 1);
  });
});

for (const outcome of ["bytes", "a loss"]) {
  test(`what comes from the store when the mount is gone goes nowhere, and is no error: ${outcome}`, async () => {
    const [asked, late] = [Promise.withResolvers<void>(), Promise.withResolvers<Uint8Array>()];
    const read = () => (asked.resolve(), late.promise);
    const tree = new MemoryTree({
      7: { attributes: { mode: 0o755 }, entries: new Map([["late", 2]]) },
      2: { attributes: { size: 6 }, read },
    });
    const readers: Promise<unknown>[] = [];
    const losses = await mounted(tree, async (path, abort) => {
      readers.push(sh(`cat ${path}/late`));
      await asked.promise;
      abort();
    });
    await Promise.all(readers);
    const other = await Deno.makeTempFile();
    // What is opened next has the number of the mount's end that was closed.
    const files = await Promise.all(Array.from({ length: 8 }, () => Deno.open(other, { write: true })));
    if (outcome === "bytes") late.resolve(HELLO);
    else late.reject(new CorruptionError("blob lost"));
    await sh("sleep 0.1");
    assert.equal((await Deno.stat(other)).size, 0);
    for (const file of files) file.close();
    await Deno.remove(other);
    assert.deepEqual(losses, []);
  });
}

test("a place that is no directory, or a mount whose process has ended, is said", async () => {
  const options = { allowOther: false, signal: new AbortController().signal, onMounted() {}, onLoss() {} };
  await assert.rejects(serveMount(makeTree(), { ...options, path: "/missing" }), /make the directory first/);
  await assert.rejects(serveMount(makeTree(), { ...options, path: "/etc/passwd" }), /not a directory/);
});

test("the kernel reads 4 MiB ahead where root has mounted it", async () => {
  await mounted(makeTree(), async (path) => {
    // The mount is what it is once the first request was answered.
    assert.equal((await sh(`cat ${path}/hello`)).out, "hello");
    const device = deviceOf(await Deno.readTextFile("/proc/self/mountinfo"), path);
    const bdi = `/sys/class/bdi/${device}/read_ahead_kb`;
    const canSet = (await sh(`test -w ${bdi}`)).code === 0;
    assert.equal((await sh(`cat ${bdi}`)).out, canSet ? "4096" : "128");
  });
});
