import { AWS_PRICES, type Prices } from "../../model/prices.ts";
import { storeInfo as readStoreInfo } from "../../operations/store_info.ts";
import type { CommandSpec } from "../command.ts";
import type { Io } from "../io.ts";
import { JSON_OPTION, Output, type OutputOptions } from "../output.ts";
import { endpointOf, openSession, type Session, STORE_OPTIONS, type StoreOptions } from "../session.ts";
import { storeInfoText } from "../store_info_text.ts";

export const storeInfo: CommandSpec<OutputOptions & StoreOptions> = {
  usage: "info",
  summary: "Show what is in the store, whose it is and what it costs; needs no key",
  details:
    "The cost is that of storage alone, by prices in the configuration, else for AWS by its list prices. What no snapshot needs " +
    "includes what a backup that is running has stored so far.",
  options: [...STORE_OPTIONS(), JSON_OPTION()],
  exits: [4, 5, 6],
  example: "vaultik store info",

  async run({ options, io }) {
    using output = new Output(io, options);
    await using tools = await openSession(options, io, output);
    const info = await readStoreInfo(tools, pricesFor(tools, options, io));
    output.result(info, storeInfoText(info), tools.traffic.take());
    for (const id of info.unreadable) output.text.warn(`warning: the manifest of ${id} cannot be read`);
    return 0;
  },
};

/** No one's prices are known but those of the configuration and of AWS. */
function pricesFor({ config, store }: Session, options: StoreOptions, io: Io): Prices | undefined {
  if (config?.prices !== undefined) return config.prices;
  if (!store.location.startsWith("s3://")) return undefined;
  const endpoint = config?.storage.kind === "s3"
    ? config.storage.endpoint
    : endpointOf(options.s3Endpoint, io);
  return endpoint === undefined ? AWS_PRICES : undefined;
}
