import { UsageError } from "../../base/errors.ts";
import { restoreSteps } from "../../operations/page/restore_steps.ts";
import { serveLocally } from "../../operations/serve_locally.ts";
import { PageServer } from "../../operations/page/page_server.ts";
import { isRoot } from "../../platform/owners.ts";
import { HeaderOpener } from "../../seal/age.ts";
import { type CommandSpec, flag } from "../command.ts";
import { findIdentities, IDENTITY_OPTION } from "../identities.ts";
import { writeNewFile } from "../new_file.ts";
import { Output, type OutputOptions } from "../output.ts";
import { PORT_OPTION } from "../port.ts";
import { neededPage } from "../recover_page.ts";
import { openSession, STORE_OPTIONS, type StoreOptions, threadCount } from "../session.ts";
import { newToken } from "../token.ts";

interface BrowseFlags extends OutputOptions, StoreOptions {
  readonly identity?: readonly string[];
  readonly port: number;
  readonly savePage?: string;
}

export const browse: CommandSpec<BrowseFlags> = {
  usage: "browse",
  summary: "Show all snapshots in a browser of this machine: search, previews, versions, restore, growth",
  details:
    "Prints an address for the browser. It has a secret part of its own for each run; who has the address can read all that the identity " +
    "can, and restore to this machine. Only this machine can reach it (127.0.0.1). Ctrl-C ends it. --save-page writes the page " +
    "that needs no program: it opens a folder, a web address or an S3 bucket in any browser, also without a network.",
  options: [
    flag("--save-page <file>", "write the page to a new file, and end"),
    PORT_OPTION(),
    IDENTITY_OPTION(),
    ...STORE_OPTIONS(),
    flag(
      "-q, --quiet",
      "print nothing but the address unless something is wrong",
    ),
  ],
  exits: [4, 5, 6],
  example: "vaultik browse --identity key.txt",

  async run({ options, io }) {
    using output = new Output(io, options);
    const page = await neededPage();
    if (options.savePage !== undefined) {
      if (options.identity !== undefined) {
        throw new UsageError(
          "Cannot save the page with an identity: the key is not in it, and is not needed",
        );
      }
      writeNewFile(options.savePage, page, { replace: false });
      return 0;
    }
    const identities = await findIdentities(options.identity, io);
    await using tools = await openSession(options, io, output);
    const opener = new HeaderOpener(identities);
    const writers = threadCount(tools.config);
    const token = newToken();
    const { handle } = new PageServer({
      page,
      store: tools.store,
      token,
      openHeader: (header) => opener.open(header),
      restore: (request, signal) =>
        restoreSteps(tools, request, {
          identities,
          writers,
          noSpecial: !isRoot(),
        }, signal),
    });
    const onListen = (url: string) => io.stdout(`${url}\n`);
    await serveLocally(handle, { token, port: options.port, signal: io.signal, onListen });
    return 0;
  },
};
