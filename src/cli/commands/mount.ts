import { UsageError } from "../../base/errors.ts";
import { isPortable } from "../../platform/libc.ts";
import { typedPath } from "../../model/path.ts";
import { CACHE_OPTION, openBrowser } from "../browser.ts";
import { type CommandSpec, flag } from "../command.ts";
import { localPath } from "../local_path.ts";
import { findIdentities, IDENTITY_OPTION } from "../identities.ts";
import { Output, type OutputOptions } from "../output.ts";
import { openSession, STORE_OPTIONS, type StoreOptions } from "../session.ts";

interface MountFlags extends OutputOptions, StoreOptions {
  readonly identity?: readonly string[];
  readonly allowOther?: boolean;
  readonly cache: number;
}

export const mount: CommandSpec<MountFlags> = {
  usage: "mount <directory>",
  summary: "Show all snapshots as directories, read-only, until it is stopped (Linux)",
  details:
    "Snapshots are at hosts/HOST/NAME/TIME below <directory>, the newest of each name also at latest. What is looked at is fetched " +
    "when it is looked at. Ctrl-C, or umount <directory>, ends it. Users other than root need fusermount3 (package fuse3).",
  options: [
    IDENTITY_OPTION(),
    flag("--allow-other", "let other users look too, as far as the permissions of the files let them"),
    CACHE_OPTION(),
    ...STORE_OPTIONS(),
    flag("-q, --quiet", "print nothing unless something is wrong"),
  ],
  exits: [4, 5, 6],
  example: "vaultik mount /mnt --identity key.txt",

  async run({ args: [directory], options, io }) {
    if (isPortable) {
      throw new UsageError(
        "Cannot mount: only Linux can; vaultik serve --webdav and vaultik browse open the same anywhere",
      );
    }
    // Here, as other commands start faster without the system calls that only a mount needs.
    const { serveMount } = await import("../../operations/mount/mount.ts");
    const { storeTree } = await import("../../operations/mount/store_tree.ts");
    using output = new Output(io, options);
    const path = localPath(directory);
    const identities = await findIdentities(options.identity, io);
    await using tools = await openSession(options, io, output);
    using browser = openBrowser(tools, identities, options.cache);
    await serveMount(storeTree(browser), {
      path: typedPath(path),
      allowOther: options.allowOther ?? false,
      signal: io.signal,
      onMounted: () => output.text.say(`Mounted on ${path}: Ctrl-C or "umount ${path}" ends it`),
      onLoss: (error) => output.report({ kind: "warning", text: error.message }),
    });
    return 0;
  },
};
