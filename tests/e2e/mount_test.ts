import assert from "node:assert/strict";
import { atLeast } from "../../src/base/at_least.ts";
import { BINARY, hasProgram, isRoot, programWords, Scene, testWith } from "./vaultik.ts";

// In a namespace of its own, so that whatever is mounted goes with the test, and /dev/fuse can be one that users may open.

const USER = 65534;
const SCRIPT = `
set -e
work=$1 store=$2; shift 2
mknod "$work/fuse" c 10 229; chmod 666 "$work/fuse"; mount --bind "$work/fuse" /dev/fuse
mkdir "$work/mnt"; chown -R ${USER} "$work"
start() { $as "$@" mount "$work/mnt" --storage-url "$store" --identity "$work/key" > "$work/said" 2>&1 & pid=$!; trap "kill -9 $pid 2> /dev/null || true" EXIT; }
until_there() { n=0; until $as test -d "$work/mnt/hosts"; do n=$((n + 1)); [ $n -lt 600 ] || { cat "$work/said"; exit 1; }; sleep 0.05; done; }
start "$@"; until_there
$as sh -c "cat $work/mnt/hosts/*/*/latest$TREE/file"; echo
kill -9 $pid; wait $pid || true
start "$@"; wait $pid && exit 1
cat "$work/said"
$as $unmount "$work/mnt"
start "$@"; until_there
kill -INT $pid; wait $pid; echo "ended with $?"
ls -A "$work/mnt"
`;

const ready = isRoot && hasProgram("unshare", "-m", "sh", "-c", "mount --bind /dev/fuse /dev/fuse")
  ? undefined
  : "root, FUSE and namespaces";

/** Backs up a file, mounts the store in a namespace of its own, kills that mount, reads what is said of what is left, removes it and mounts again. */
async function mountKillAndMountAgain(
  program: readonly string[],
  as: string,
  unmount: string,
): Promise<void> {
  await using scene = await Scene.open();
  await Deno.writeTextFile(scene.path("tree/file"), "contents");
  await scene.create();
  await new Deno.Command("chmod", { args: ["-R", "a+rX", scene.store] }).output();
  await Deno.chmod(scene.directory, 0o755);
  const work = scene.path("work");
  await Deno.mkdir(`${work}/home`, { recursive: true });
  await Deno.copyFile(scene.key, `${work}/key`);
  const { code, stdout, stderr } = await new Deno.Command("timeout", {
    args: [...["100", "unshare", "-m", "sh", "-c", SCRIPT, "sh"], work, `file://${scene.store}`, ...program],
    env: { as, unmount, TREE: scene.tree, HOME: `${work}/home`, ...denoDirectory() },
  }).output();
  const out = new TextDecoder().decode(stdout);
  assert.equal(code, 0, out + new TextDecoder().decode(stderr));
  const [contents, said, ended, ...left] = atLeast(3, out.trimEnd().split("\n"));
  assert.equal(contents, "contents");
  assert.match(
    said,
    /a mount is there whose process has ended; take it away with "umount .*" or "fusermount3 -u /,
  );
  assert.deepEqual([ended, left], ["ended with 0", []]);
}

/** Where the source finds its packages, whatever HOME is. */
function denoDirectory(): Record<string, string> {
  const home = Deno.env.get("HOME");
  const directory = Deno.env.get("DENO_DIR") ?? (home && `${home}/.cache/deno`);
  return directory === undefined ? {} : { DENO_DIR: directory };
}

testWith(
  ready,
  "what a killed mount leaves is named, can be removed, and another mount takes its place",
  () => mountKillAndMountAgain(programWords(), "", "umount"),
);

const forUsers = ready ??
  (BINARY === undefined
    ? "the executable"
    : hasProgram("fusermount3", "--version")
    ? undefined
    : "fusermount3");

testWith(forUsers, "users mount without root, by fusermount3", async () => {
  const directory = await Deno.makeTempDir({ prefix: "vaultik-mount-" });
  try {
    await Deno.chmod(directory, 0o755);
    await Deno.copyFile(BINARY!, `${directory}/vaultik`);
    await Deno.chmod(`${directory}/vaultik`, 0o755);
    const as = `setpriv --reuid=${USER} --regid=${USER} --clear-groups`;
    await mountKillAndMountAgain([`${directory}/vaultik`], as, "fusermount3 -u");
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
