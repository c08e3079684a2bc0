import { dirname } from "node:path/posix";
import { UsageError } from "../base/errors.ts";
import { parseStorageUrl, STORAGE_URLS } from "../config/storage_url.ts";
import { checkRecipients } from "../seal/recipients.ts";
import { Conversation } from "./conversation.ts";
import { checkPath, type InitOptions, storeSettings } from "./init_options.ts";
import type { Io } from "./io.ts";
import { localPath } from "./local_path.ts";
import { isTaken } from "./new_file.ts";
import { sizeText, usualPaths } from "./path_sizes.ts";
import { tryStore } from "./try_store.ts";

/** How long each size is counted before the first question. */
const COUNT_MS = 300;

/** Asks for what `given` leaves open; what comes out is as if all had been given as flags. `file` is where the configuration will be. */
export async function converse(given: InitOptions, file: string, io: Io): Promise<InitOptions> {
  const talk = new Conversation(io);
  talk.say(`This writes ${file}. Enter takes what is in brackets; Ctrl-C ends it, and nothing is written.`);
  const path = given.path ?? await askPaths(talk, io);
  const store = given.storageUrl === undefined ? await askStore(talk, file, io) : {};
  const keys = given.recipient === undefined && !given.keygen ? await askKeys(talk, io) : {};
  const schedule = given.schedule ??
    await talk.choose("When to back up: an hourly line for cron, a service that watches, or none", [
      "cron",
      Deno.build.os === "darwin" ? "launchd" : "systemd",
      "none",
    ], "cron");
  const backup = given.backup ?? await talk.agrees("Make the first backup now");
  const drill = given.drill ?? (backup && await talk.agrees("Then try whether files of it can be restored"));
  return { ...given, path, ...store, ...keys, schedule, backup, drill };
}

async function askPaths(talk: Conversation, io: Io): Promise<string[]> {
  const found = await usualPaths(() => io.now().getTime(), COUNT_MS);
  talk.say("\nWhat is here:");
  for (const size of found) talk.say(`  ${size.path.padEnd(12)} ${sizeText(size)}`);
  const fallback = found.map(({ path }) => path).filter((path) => !["/var/lib", "/opt"].includes(path));
  return await talk.until("What to back up, with spaces between", fallback.join(" "), async (answer) => {
    const paths = answer.split(/\s+/).filter((path) => path !== "");
    if (paths.length === 0) throw new UsageError("needed is at least one absolute path");
    for (const path of paths) {
      checkPath(path);
      if (!await isTaken(path)) throw new UsageError(`${path} is not there`);
    }
    return paths;
  });
}

type StoreAnswers = Pick<
  InitOptions,
  "storageUrl" | "s3Endpoint" | "s3AccessKeyId" | "s3SecretFile" | "s3Secret"
>;

async function askStore(talk: Conversation, file: string, io: Io): Promise<StoreAnswers> {
  return await talk.until(`\nWhere to: ${STORAGE_URLS}`, "", async (storageUrl) => {
    const { kind } = parseStorageUrl(storageUrl, "this address");
    const answers = { storageUrl, ...(kind === "s3" ? await askS3(talk, file) : {}) };
    talk.say("  trying it …");
    talk.say(`  ${await tryStore(storeSettings(answers), io)}`);
    return answers;
  });
}

async function askS3(talk: Conversation, file: string): Promise<Omit<StoreAnswers, "storageUrl">> {
  const endpoint = await talk.ask("  Its server, as https://s3.example.com (empty for AWS)");
  const s3Endpoint = endpoint === "" ? {} : { s3Endpoint: endpoint };
  const s3AccessKeyId = await talk.ask("  Access key id (empty: from AWS's environment, profile or role)");
  if (s3AccessKeyId === "") return s3Endpoint;
  const s3Secret = await talk.ask("  Secret access key (it is shown while you type)");
  const s3SecretFile = `${dirname(localPath(file))}/s3-secret`;
  talk.say(`  It will be in ${s3SecretFile}, for its owner alone.`);
  return { ...s3Endpoint, s3AccessKeyId, s3SecretFile, s3Secret };
}

type KeyAnswers = Pick<InitOptions, "keygen" | "identityOut" | "recipient">;

async function askKeys(talk: Conversation, io: Io): Promise<KeyAnswers> {
  const question = "\nWho can open the backups: make a key pair, or paste a public key (age1…) that you have";
  if (await talk.choose(question, ["make", "paste"], "make") === "paste") {
    return await talk.until("The public key", "", (key) => {
      checkRecipients([key]);
      return { recipient: [key] };
    });
  }
  const fallback = `${io.env("HOME") ?? "/root"}/vaultik-key.txt`;
  const identityOut = await talk.until("Where to write the identity (secret key)", fallback, async (path) => {
    if (!await isTaken(path)) return path;
    throw new UsageError(`${path} is there already, and an identity is never overwritten`);
  });
  return { keygen: true, identityOut };
}
