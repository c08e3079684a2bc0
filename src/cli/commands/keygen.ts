import { UsageError } from "../../base/errors.ts";
import { generateKeyPair } from "../../seal/keys.ts";
import { type CommandSpec, flag } from "../command.ts";
import { identityFile } from "../identity_file.ts";
import { isTaken, writeNewFile } from "../new_file.ts";

interface KeygenOptions {
  readonly postQuantum?: boolean;
  readonly output?: string;
}

export const keygen: CommandSpec<KeygenOptions> = {
  usage: "keygen",
  summary: "Make an age key pair",
  details:
    "The file or output holds the identity (secret key), which opens backups: keep it off the machine that is backed up. " +
    "The public key goes into age_recipients.",
  options: [
    flag(
      "--post-quantum",
      "a hybrid key that also holds against quantum computers (age1pq1…; needs age 1.3 or later)",
    ),
    flag("-o, --output <file>", "write the identity to a new file that only its owner can read"),
  ],
  example: "vaultik keygen --output key.txt",

  async run({ options, io }) {
    const output = options.output === "-" ? undefined : options.output;
    if (output === "") throw new UsageError("Cannot write the identity: --output needs the name of a file");
    if (output !== undefined && await isTaken(output)) {
      throw new UsageError(
        `Cannot write ${output}: it is there already, and an identity is never overwritten`,
      );
    }
    const pair = await generateKeyPair({ postQuantum: options.postQuantum ?? false });
    const text = identityFile(pair, io.now());
    if (output === undefined) {
      io.stdout(text);
      if (!io.isTerminal.stdout) io.stderr(`Public key: ${pair.recipient}\n`);
    } else {
      writeNewFile(output, text, { replace: false });
      io.stdout(`${pair.recipient}\n`);
      io.stderr(`The identity is in ${output}. Keep it where the backups are not made.\n`);
    }
    return 0;
  },
};
