import { UsageError } from "../../base/errors.ts";
import { storeTree } from "../../operations/mount/store_tree.ts";
import { serveLocally } from "../../operations/serve_locally.ts";
import { Webdav } from "../../operations/webdav/webdav.ts";
import { CACHE_OPTION, openBrowser } from "../browser.ts";
import { type CommandSpec, flag } from "../command.ts";
import { findIdentities, IDENTITY_OPTION } from "../identities.ts";
import { Output, type OutputOptions } from "../output.ts";
import { PORT_OPTION } from "../port.ts";
import { openSession, STORE_OPTIONS, type StoreOptions } from "../session.ts";
import { newToken } from "../token.ts";

interface ServeFlags extends OutputOptions, StoreOptions {
  readonly identity?: readonly string[];
  readonly webdav?: boolean;
  readonly port: number;
  readonly cache: number;
}

export const serve: CommandSpec<ServeFlags> = {
  usage: "serve",
  summary: "Show all snapshots to programs of this machine by WebDAV, read-only, until it is stopped",
  details:
    "For systems without mount, and for browsers. The address that is printed has a secret part of its own for each run; who " +
    "has the address can read all that the identity can. Only this machine can reach it (127.0.0.1). Ctrl-C ends it.",
  options: [
    flag("--webdav", "as WebDAV; there is nothing else yet, and it has to be given"),
    PORT_OPTION(),
    IDENTITY_OPTION(),
    CACHE_OPTION(),
    ...STORE_OPTIONS(),
    flag("-q, --quiet", "print nothing but the address unless something is wrong"),
  ],
  exits: [4, 5, 6],
  example: "vaultik serve --webdav --identity key.txt",

  async run({ options, io }) {
    using output = new Output(io, options);
    if (!options.webdav) throw new UsageError("Cannot serve: say how; --webdav is what there is");
    const identities = await findIdentities(options.identity, io);
    await using tools = await openSession(options, io, output);
    using browser = openBrowser(tools, identities, options.cache);
    const token = newToken();
    const onLoss = (error: Error) => output.report({ kind: "warning", text: error.message });
    const { handle } = new Webdav(storeTree(browser), { token, onLoss });
    const onListen = (url: string) => io.stdout(`${url}\n`);
    await serveLocally(handle, { token, port: options.port, signal: io.signal, onListen });
    return 0;
  },
};
