import { UsageError } from "../../base/errors.ts";
import { recipientsOf } from "../../seal/keys.ts";
import { backendOf } from "../../store/backends.ts";
import type { StoreLocation } from "../../store/open.ts";
import { type CommandSpec, flag } from "../command.ts";
import { IDENTITY_OPTION } from "../identities.ts";
import type { Io } from "../io.ts";
import type { Kit } from "../key/recovery_steps.ts";
import { secretKeys } from "../key/secret_keys.ts";
import { writeNewFile } from "../new_file.ts";
import { Output, type OutputOptions } from "../output.ts";
import { findLocation, STORE_OPTIONS, type StoreOptions } from "../session.ts";

interface KitOptions extends OutputOptions, StoreOptions {
  readonly identity?: readonly string[];
  readonly output?: string;
}

export const keyKit: CommandSpec<KitOptions> = {
  usage: "kit",
  summary: "Write a page to print: the key, where the store is, and the commands of a recovery",
  details:
    "A name that ends with .html makes a page for a browser, any other one plain text. Print it, try it, and delete the file.",
  options: [
    IDENTITY_OPTION(),
    flag("-o, --output <file>", "the new file, which only its owner can read"),
    ...STORE_OPTIONS(),
  ],
  example: "vaultik key kit --identity key.txt --output kit.html",

  async run({ options, io }) {
    using output = new Output(io, options);
    const { output: file } = options;
    if (file === undefined) throw new UsageError("Cannot write the kit: --output FILE says where");
    const keys = await secretKeys(options.identity, io);
    const { location } = await findLocation(options, io, output);
    const recipients = await recipientsOf(keys);
    // Here, as other commands start faster without what draws QR codes.
    const [{ kitPage }, { kitText }] = [
      await import("../key/kit_page.ts"),
      await import("../key/kit_text.ts"),
    ];
    const kit: Kit = { keys, recipients, ...placeOf(location), madeAt: io.now() };
    writeNewFile(file, /\.html?$/i.test(file) ? kitPage(kit) : kitText(kit), { replace: false });
    tellOf(file, io);
    return 0;
  },
};

function placeOf(location: StoreLocation): Pick<Kit, "storageUrl" | "endpoint" | "region"> {
  if (location.kind !== "s3") {
    return { storageUrl: backendOf(location).address(location), endpoint: undefined, region: undefined };
  }
  const { bucket, prefix, endpoint, region } = location;
  const path = prefix === "" ? "" : `/${prefix.replace(/\/$/, "")}`;
  return { storageUrl: `s3://${bucket}${path}`, endpoint, region };
}

function tellOf(file: string, io: Io): void {
  io.stderr(
    `Wrote ${file}, which has the secret key in it. Print it, see that it can be read, and delete it: shred -u ${file}\n`,
  );
}
