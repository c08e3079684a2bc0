import { UsageError } from "../../base/errors.ts";
import { readIdentities } from "../../seal/keys.ts";
import { joinShares } from "../../seal/shares.ts";
import { type CommandSpec, flag } from "../command.ts";
import { writeNewFile } from "../new_file.ts";

interface JoinOptions {
  readonly output?: string;
}

export const keyJoin: CommandSpec<JoinOptions> = {
  usage: "join <file...>",
  summary: "Put an identity together from its shares",
  details:
    "Files hold a share a line; empty lines and those that begin with # are left out. - is standard input.",
  options: [flag("-o, --output <file>", "write the identity to a new file that only its owner can read")],
  example: "vaultik key join share-1.txt share-3.txt --output key.txt",

  async run({ args: [files], options, io }) {
    const lines: string[] = [];
    for (const file of files) lines.push(await readText(file));
    const shares = lines.join("\n").split("\n").map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#"));
    const text = new TextDecoder().decode(await joinShares(shares)) + "\n";
    readIdentities(text, "what the shares give");
    if (options.output === undefined) io.stdout(text);
    else {
      writeNewFile(options.output, text, { replace: false });
      io.stderr(`The identity is in ${options.output}.\n`);
    }
    return 0;
  },
};

async function readText(file: string): Promise<string> {
  try {
    if (file === "-") return await new Response(Deno.stdin.readable).text();
    return await Deno.readTextFile(file);
  } catch (cause) {
    throw new UsageError(`Cannot read ${file}: it is not there, or not readable`, { cause });
  }
}
