import { UsageError } from "../../base/errors.ts";
import { splitSecret } from "../../seal/shares.ts";
import { type CommandSpec, flag } from "../command.ts";
import { IDENTITY_OPTION } from "../identities.ts";
import { secretKeys } from "../key/secret_keys.ts";
import { writeNewFile } from "../new_file.ts";

interface SplitOptions {
  readonly identity?: readonly string[];
  readonly output?: string;
}

export const keySplit: CommandSpec<SplitOptions> = {
  usage: "split <needed> <shares>",
  summary: "Split an identity into shares for several people or places",
  details:
    "Any <needed> of the <shares> give the identity back (vaultik key join); fewer say nothing about it. Each share is one line of letters, digits and " +
    "hyphens, with a checksum, for a printer or a pencil. The identity file itself is left where it is.",
  options: [
    IDENTITY_OPTION(),
    flag(
      "-o, --output <prefix>",
      "write each share to a new file that only its owner can read: PREFIX-1.txt and so on",
    ),
  ],
  example: "vaultik key split 2 3 --identity key.txt --output share",

  async run({ args: [needed, count], options, io }) {
    const secret = new TextEncoder().encode((await secretKeys(options.identity, io)).join("\n"));
    const shares = await splitSecret(secret, wholeNumber(needed), wholeNumber(count));
    for (const [i, share] of shares.entries()) {
      const text = `# Share ${i + 1} of ${count} of a Vaultik key, of which ${needed} are needed.\n` +
        `# vaultik key join FILE... puts them together.\n${share}\n`;
      if (options.output === undefined) io.stdout(text);
      else writeNewFile(`${options.output}-${i + 1}.txt`, text, { replace: false });
    }
    if (options.output !== undefined) {
      io.stderr(`Wrote ${options.output}-1.txt to ${options.output}-${count}.txt. Keep them apart.\n`);
    }
    return 0;
  },
};

function wholeNumber(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new UsageError(
    `Cannot split: ${JSON.stringify(text)} is not a number of shares, as in key split 2 3`,
  );
}
