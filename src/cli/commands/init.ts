import { dirname } from "node:path/posix";
import { UsageError } from "../../base/errors.ts";
import { cachesAndNoData, exampleConfig } from "../../config/example.ts";
import { configPath } from "../../config/load.ts";
import { makeDirectoryDurably } from "../../platform/durable_file.ts";
import { generateKeyPair, type KeyPair } from "../../seal/keys.ts";
import { checkRecipients } from "../../seal/recipients.ts";
import { type CommandSpec, flag, repeatable } from "../command.ts";
import { converse } from "../init_conversation.ts";
import { checkOptions, type InitOptions, s3Of, SCHEDULES } from "../init_options.ts";
import { setUp } from "../init_steps.ts";
import { identityFile } from "../identity_file.ts";
import type { Io } from "../io.ts";
import { localPath } from "../local_path.ts";
import { isWithin } from "../../model/path.ts";
import { isTaken, writeNewFile } from "../new_file.ts";

const DEFAULT_PATHS = ["/etc", "/home"];

export const init: CommandSpec<InitOptions> = {
  usage: "init",
  summary:
    "Write a commented configuration; on a terminal by questions, up to a backup that is scheduled and tried",
  details:
    "On a terminal it asks for what the flags leave open. With --yes, or without a terminal, it asks nothing and does only " +
    "what the flags say.",
  options: [
    flag("-y, --yes", "ask nothing"),
    flag("--keygen", "make a key pair: the public key goes into the configuration, the identity is printed"),
    flag("--post-quantum", "with --keygen: a hybrid key that also holds against quantum computers"),
    flag("--identity-out <file>", "with --keygen: write the identity to a new file instead of printing it"),
    repeatable("--recipient <key>", "an age public key; may be given several times"),
    flag("--storage-url <url>", "file:///absolute/path or s3://BUCKET/PREFIX"),
    flag("--s3-endpoint <url>", "the server of S3, unless it is AWS"),
    flag("--s3-access-key-id <id>", "a key of S3"),
    flag("--s3-secret-file <file>", "the file that holds its other half"),
    repeatable("--path <path>", "what to back up; may be given several times"),
    flag("--index-path <file>", "the local index, instead of the usual place"),
    flag("--backup", "then make the first backup"),
    flag("--drill", "then try whether files of it can be restored"),
    flag("--schedule <how>", "then have backups made: by a line in the crontab, or a service").choices(
      SCHEDULES,
    ),
    flag(
      "--user",
      "with --schedule: a service of this user, not of the system (the default for users other than root)",
    ),
    flag("--force", "replace a configuration that is there already"),
  ],
  exits: [3, 5, 6],
  example: "vaultik init --keygen --storage-url file:///srv/backup --path /home",

  async run({ options: given, io }) {
    const file = configPath(given.config, (name) => io.env(name));
    await check(file, given);
    const isAsked = io.ask !== undefined && !given.yes;
    const options = isAsked ? await converse(given, file, io) : given;
    const pair = options.keygen
      ? await generateKeyPair({ postQuantum: options.postQuantum ?? false })
      : undefined;
    const recipients = [...options.recipient ?? [], ...pair === undefined ? [] : [pair.recipient]];
    if (recipients.length > 0) checkRecipients(recipients);
    const exclude = write(file, options, recipients, pair, io);
    if (!isAsked) io.stderr(nextSteps(file, recipients.length > 0, exclude, options));
    const exit = await setUp(file, options, io);
    if (isAsked) io.stderr(whatNext(file, exit, options));
    return exit;
  },
};

/** Gives the patterns of what is left out. */
function write(
  file: string,
  options: InitOptions,
  recipients: readonly string[],
  pair: KeyPair | undefined,
  io: Io,
): string[] {
  const paths = options.path ?? DEFAULT_PATHS;
  const exclude = cachesAndNoData().filter((pattern) =>
    !pattern.startsWith("/") || paths.some((path) => isWithin(pattern, path))
  );
  const { storageUrl, indexPath } = options;
  const text = exampleConfig({ recipients, storageUrl, s3: s3Of(options), indexPath, paths, exclude });
  makeDirectory(dirname(localPath(file)));
  if (pair !== undefined) handOver(pair, options.identityOut, io);
  const { s3Secret, s3SecretFile } = options;
  if (s3Secret !== undefined) writeNewFile(s3SecretFile!, `${s3Secret}\n`, { replace: true });
  try {
    writeNewFile(file, text, { replace: options.force ?? false });
  } catch (error) {
    if (options.identityOut !== undefined) Deno.removeSync(options.identityOut);
    throw error;
  }
  return exclude;
}

function whatNext(file: string, exit: number, { identityOut }: InitOptions): string {
  const key = identityOut === undefined
    ? ""
    : `Move ${identityOut} off this machine now, and keep a copy on paper.\n`;
  const state = exit === 0 ? "All is set up." : "Not all went well; see above.";
  return `\n${state} The configuration is ${file}; vaultik status shows how old the last backup is.\n${key}`;
}

async function check(file: string, options: InitOptions): Promise<void> {
  checkOptions(options);
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
