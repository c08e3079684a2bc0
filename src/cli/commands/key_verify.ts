import { NotFoundError } from "../../base/errors.ts";
import { hostsOf } from "../../read/hosts.ts";
import { chosenHosts } from "../../read/resolve.ts";
import { type KeyVerdict, verifyKey } from "../../operations/verify_key.ts";
import type { CommandSpec } from "../command.ts";
import { findIdentities, IDENTITY_OPTION } from "../identities.ts";
import { JSON_OPTION, Output, type OutputOptions, table } from "../output.ts";
import { openSession, STORE_OPTIONS, type StoreOptions } from "../session.ts";

interface KeyVerifyOptions extends OutputOptions, StoreOptions {
  readonly identity?: readonly string[];
}

export const keyVerify: CommandSpec<KeyVerifyOptions> = {
  usage: "verify",
  summary: "Say whether an identity opens the newest snapshots of all hosts",
  details:
    "The newest snapshot of each source set is opened, and nothing is restored. Exit code 2 says that one was made for another key, 5 that one is damaged.",
  options: [IDENTITY_OPTION(), ...STORE_OPTIONS(), JSON_OPTION()],
  exits: [4, 5, 6],
  example: "vaultik key verify --identity key.txt --storage-url s3://backup/web1",

  async run({ options, io }) {
    using output = new Output(io, options);
    const identities = await findIdentities(options.identity, io);
    await using tools = await openSession(options, io, output);
    const hosts = options.host === undefined ? await hostsOf(tools) : await chosenHosts(tools, options);
    if (hosts.length === 0) {
      throw new NotFoundError(
        `Cannot try the identity: ${tools.store.location} has no host with backups`,
      );
    }
    const verdicts = await verifyKey(hosts, identities);
    const all = verdicts.every(({ state }) => state === "opens");
    output.result({ all, verdicts }, inWords(verdicts), tools.traffic.take());
    return exitOf(verdicts);
  },
};

const STATES: Readonly<Record<KeyVerdict["state"], string>> = {
  opens: "opens",
  "other-key": "DOES NOT OPEN",
  damaged: "DAMAGED",
  "no-snapshot": "no snapshot",
};

function inWords(verdicts: readonly KeyVerdict[]): string {
  const rows = verdicts.map((verdict) => [
    verdict.hostname,
    verdict.name ?? "",
    verdict.snapshot ?? "",
    STATES[verdict.state],
    verdict.problem ?? "",
  ]);
  const opened = verdicts.filter(({ state }) => state === "opens").length;
  const end = opened === verdicts.length
    ? `The identity opens the newest snapshots of all hosts (${opened}).`
    : `The identity opens ${opened} of ${verdicts.length}; what it does not open cannot be restored with it.`;
  return `${table([["HOST", "NAME", "NEWEST SNAPSHOT", "KEY", ""], ...rows])}\n${end}`;
}

function exitOf(verdicts: readonly KeyVerdict[]): number {
  const has = (state: KeyVerdict["state"]) => verdicts.some((verdict) => verdict.state === state);
  if (has("damaged")) return 5;
  if (has("other-key")) return 2;
  return has("no-snapshot") ? 4 : 0;
}
