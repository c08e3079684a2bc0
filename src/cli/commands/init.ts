import { dirname } from "node:path/posix";
import { UsageError } from "../../base/errors.ts";
import { CACHES_AND_NO_DATA, exampleConfig } from "../../config/example.ts";
import { configPath } from "../../config/load.ts";
import { parseStorageUrl } from "../../config/storage_url.ts";
import { makeDirectoryDurably } from "../../platform/durable_file.ts";
import { generateKeyPair, type KeyPair } from "../../seal/keys.ts";
import { checkRecipients } from "../../seal/recipients.ts";
import { type CommandSpec, flag, repeatable } from "../command.ts";
import { identityFile } from "../identity_file.ts";
import type { Io } from "../io.ts";
import { localPath } from "../local_path.ts";
import { isWithin } from "../../model/path.ts";
import { isTaken, writeNewFile } from "../new_file.ts";

interface InitOptions {
  readonly keygen?: boolean;
  readonly postQuantum?: boolean;
  readonly identityOut?: string;
  readonly recipient?: readonly string[];
  readonly storageUrl?: string;
  readonly path?: readonly string[];
  readonly force?: boolean;
}

const DEFAULT_PATHS = ["/etc", "/home"];

export const init: CommandSpec<InitOptions> = {
  usage: "init",
  summary: "Write a commented configuration, and make a key pair on request",
  options: [
    flag("--keygen", "make a key pair: the public key goes into the configuration, the identity is printed"),
    flag("--post-quantum", "with --keygen: a hybrid key that also holds against quantum computers"),
    flag("--identity-out <file>", "with --keygen: write the identity to a new file instead of printing it"),
    repeatable("--recipient <key>", "an age public key; may be given several times"),
    flag("--storage-url <url>", "file:///absolute/path or s3://BUCKET/PREFIX"),
    repeatable("--path <path>", "what to back up; may be given several times"),
    flag("--force", "replace a configuration that is there already"),
  ],
  example: "vaultik init --keygen --storage-url file:///srv/backup --path /home",

  async run({ options, io }) {
    const file = configPath(options.config, (name) => io.env(name));
    await check(file, options);
    const pair = options.keygen
      ? await generateKeyPair({ postQuantum: options.postQuantum ?? false })
      : undefined;
    const recipients = [...options.recipient ?? [], ...pair === undefined ? [] : [pair.recipient]];
    if (recipients.length > 0) checkRecipients(recipients);
    const paths = options.path ?? DEFAULT_PATHS;
    const exclude = CACHES_AND_NO_DATA.filter((pattern) => paths.some((path) => isWithin(pattern, path)));
    const text = exampleConfig({ recipients, storageUrl: options.storageUrl, paths, exclude });
    makeDirectory(dirname(localPath(file)));
    if (pair !== undefined) handOver(pair, options.identityOut, io);
    try {
      writeNewFile(file, text, { replace: options.force ?? false });
    } catch (error) {
      if (options.identityOut !== undefined) await Deno.remove(options.identityOut);
      throw error;
    }
    io.stderr(nextSteps(file, recipients.length > 0, exclude, options));
    return 0;
  },
};

async function check(file: string, options: InitOptions): Promise<void> {
  if (!options.keygen && (options.identityOut !== undefined || options.postQuantum)) {
    throw new UsageError(
      "Cannot use --identity-out or --post-quantum: they belong to --keygen, which is not given",
    );
  }
  if (options.storageUrl !== undefined) parseStorageUrl(options.storageUrl, "--storage-url");
  for (const path of options.path ?? []) {
    if (!path.startsWith("/")) {
      throw new UsageError(`Cannot use --path ${JSON.stringify(path)}: an absolute path is needed`);
    }
  }
  if (!options.force && await isTaken(file)) {
    throw new UsageError(`Cannot write configuration ${file}: it is there already; --force replaces it`);
  }
  if (options.identityOut !== undefined && await isTaken(options.identityOut)) {
    throw new UsageError(
      `Cannot write ${options.identityOut}: it is there already, and an identity is never overwritten`,
    );
  }
}

function makeDirectory(path: string): void {
  try {
    makeDirectoryDurably(path);
  } catch (cause) {
    throw new UsageError(`Cannot make directory ${path}: no right to, or something else is there`, { cause });
  }
}

/** Before the configuration exists, so that none ever names a key that no one has. */
function handOver(pair: KeyPair, out: string | undefined, io: Io): void {
  const text = identityFile(pair, io.now());
  if (out === undefined) io.stdout(text);
  else writeNewFile(out, text, { replace: false });
  io.stderr(
    `${
      out === undefined ? "Above is" : `${out} holds`
    } the identity (secret key). It alone opens your backups, and it does not ` +
      "belong on this machine:\nmove it to a safe place elsewhere now, and keep a copy on paper. It is not in the configuration.\n\n",
  );
}

function nextSteps(
  file: string,
  hasRecipients: boolean,
  exclude: readonly string[],
  { storageUrl }: InitOptions,
): string {
  const open = [
    ...hasRecipients ? [] : ["age_recipients (vaultik keygen makes a key pair)"],
    ...storageUrl === undefined ? ["storage_url"] : [],
    "snapshots",
  ];
  const leftOut = ["directories with a CACHEDIR.TAG", ...exclude].join(", ");
  return `Wrote ${file}. It leaves out ${leftOut}; nothing else.\nLook at ${
    open.join(", ")
  } in it, then run: vaultik --config ${file} snapshot create\n`;
}
