import { NotFoundError, UsageError } from "../base/errors.ts";
import { type Config, defaultThreads } from "../config/config.ts";
import type { LoadedConfig } from "../config/load.ts";
import { DEFAULT_PART_SIZE_BYTES, DEFAULT_REGION } from "../config/s3.ts";
import { cleanEndpoint } from "../config/s3_endpoint.ts";
import { toLocation } from "../config/storage.ts";
import { parseStorageUrl } from "../config/storage_url.ts";
import { lastCopies, lastSnapshots } from "../index/known_snapshots.ts";
import { readHostNames } from "../operations/host_names.ts";
import { hostOf } from "../read/sealed_keys.ts";
import { readHostKeys } from "../operations/host_keys.ts";
import { type HostTools, hostTools } from "../read/hosts.ts";
import type { Tools } from "../read/tools.ts";
import { chosenHosts } from "../read/resolve.ts";
import { parseTrustedHost, type Trust } from "../model/trust.ts";
import { MetadataCache } from "../store/metadata_cache.ts";
import type { ObjectStore } from "../store/store.ts";
import { openStore, type StoreLocation } from "../store/open.ts";
import { Traffic } from "../store/traffic.ts";
import { flag, type GlobalOptions, repeatable } from "./command.ts";
import type { Io } from "./io.ts";
import { isTaken } from "./new_file.ts";
import type { Output } from "./output.ts";

export interface StoreOptions extends GlobalOptions {
  readonly storageUrl?: string;
  readonly s3Endpoint?: string;
  readonly trustedHost?: readonly string[];
  readonly host?: string;
  readonly allHosts?: boolean;
}

/** For commands that must work on a machine that has nothing but this program. */
export const STORE_OPTIONS = () => [
  flag(
    "--storage-url <url>",
    "the store, without any configuration: file:///PATH, rclone://REMOTE/PATH, or s3://BUCKET/PREFIX with keys from AWS_*",
  ),
  flag(
    "--s3-endpoint <url>",
    "with --storage-url s3://…: the server, unless it is AWS or in AWS_ENDPOINT_URL",
  ),
  repeatable(
    "--trusted-host <host>",
    'with --storage-url: snapshots of no other host count; "HOSTNAME KEY [NAMES KEY]", several times for several hosts',
  ),
  flag("--host <host>", "the host that is meant, by its id, or by its name where that can be read"),
];

/** For commands that go through several hosts. */
export const ALL_HOSTS_OPTION = () => flag("--all-hosts", "every host in the store, not only this machine");

/** What a command is given to work with a store. */
export interface Session extends AsyncDisposable, Tools {
  /** What went to and from the store. */
  readonly traffic: Traffic;
  /** Where the store was named by it. */
  readonly config?: Config;
}

/** Opens the store that the options or else the configuration name; closed by `await using`. */
export async function openSession(options: StoreOptions, io: Io, output: Output): Promise<Session> {
  const traffic = new Traffic();
  if (options.storageUrl === undefined) {
    const { config } = await readConfig(options, io, output);
    return { ...await openConfigured(config, io, output), config };
  }
  const trust = trustOf(options.trustedHost ?? []);
  const location = locationOf(options.storageUrl, options, io);
  const cache = cacheFor(io);
  const store = await openStore(location, output.report, { traffic, notesIn: cache?.directory });
  return session(store, io, output, { trust, cache }, traffic);
}

/** Opens the store that `config` names; closed by `await using`. */
export async function openConfigured(config: Config, io: Io, output: Output): Promise<Session> {
  const traffic = new Traffic();
  const notesIn = cacheBeside(config);
  const store = await openStore(toLocation(config.storage), output.report, { traffic, notesIn });
  return session(store, io, output, knowledgeOf(config), traffic);
}

/** As {@link openConfigured}, for a backup: the first one, without an index, may make the directory of a store. Later, its disk is missing. */
export async function openForBackup(config: Config, io: Io, output: Output): Promise<Session> {
  const create = !await isTaken(config.indexPath);
  const traffic = new Traffic();
  const notesIn = cacheBeside(config);
  const store = await openStore(toLocation(config.storage), output.report, { create, traffic, notesIn });
  return session(store, io, output, knowledgeOf(config), traffic);
}

/** Whether no backup was made through this index yet, however many have failed. */
export function isFirstBackup({ indexPath }: Config): boolean {
  return lastSnapshots(indexPath).length === 0;
}

/** What this machine knows of hosts, and what it has kept of stores. */
type Knowledge = Pick<Tools, "trust" | "hostNames" | "own" | "namesKeys" | "cache" | "lastMade" | "ownCopy">;

function cacheBeside({ indexPath }: Config): string {
  return `${indexPath}.cache`;
}

/** What this machine knows now. */
export function knowledgeOf(config: Config): Knowledge {
  const { trust, indexPath } = config;
  const cache = new MetadataCache(cacheBeside(config));
  const keys = readHostKeys(indexPath);
  const hostNames = readHostNames(indexPath);
  if (keys === undefined) return { trust, hostNames, cache };
  const own = hostOf(keys);
  const lastMade = () => lastSnapshots(indexPath);
  let copies: ReturnType<typeof lastCopies> | undefined;
  const ownCopy = (id: string) => (copies ??= lastCopies(indexPath)).find((copy) => copy.id === id);
  return { trust, hostNames, cache, own, namesKeys: new Map([[own, keys.namesKey]]), lastMade, ownCopy };
}

const OWN_CACHES = Deno.build.os === "darwin" ? "Library/Caches" : ".cache";

function cacheFor(io: Io): MetadataCache | undefined {
  const home = io.env("HOME");
  const directory = io.env("XDG_CACHE_HOME") ?? (home === undefined ? undefined : `${home}/${OWN_CACHES}`);
  return directory === undefined ? undefined : new MetadataCache(`${directory}/vaultik`);
}

/** The hosts that a command goes through: those that are chosen, else this machine, else all. */
export async function hostsFor(
  tools: Tools,
  { host, allHosts }: Pick<StoreOptions, "host" | "allHosts">,
): Promise<HostTools[]> {
  if (host === undefined && !allHosts && tools.own !== undefined) return [hostTools(tools, tools.own)];
  return await chosenHosts(tools, { host });
}

/** This machine as a host. Throws `NotFoundError` before its first backup. */
export function ownHost(tools: Tools): HostTools {
  if (tools.own !== undefined) return hostTools(tools, tools.own);
  throw new NotFoundError(
    "Cannot find this machine in the store: it has no keys yet, the first backup makes them",
  );
}

export function session(
  store: ObjectStore,
  io: Io,
  output: Output,
  knowledge: Knowledge,
  traffic = new Traffic(),
): Session {
  return {
    store,
    ...knowledge,
    traffic,
    report: output.report,
    signal: io.signal,
    now: () => io.now(),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

export async function readConfig(options: StoreOptions, io: Io, output: Output): Promise<LoadedConfig> {
  if (options.s3Endpoint !== undefined) {
    throw new UsageError(
      "Cannot use --s3-endpoint: it belongs to --storage-url s3://BUCKET/PREFIX, which is not given",
    );
  }
  if (options.trustedHost !== undefined) {
    throw new UsageError("Cannot use --trusted-host: it belongs to --storage-url; set trusted_hosts instead");
  }
  // What reads YAML takes a fifth of the time in which a command starts, and with --storage-url there is none.
  const { loadConfig } = await import("../config/load.ts");
  const loaded = await loadConfig(options.config, (name) => io.env(name));
  if (loaded.config.logFormat === "json" && io.log !== undefined && !io.isTerminal.stderr) {
    io.log.format = "json";
  }
  output.warnings(loaded.warnings);
  return loaded;
}

function trustOf(hosts: readonly string[]): Trust | undefined {
  if (hosts.length === 0) return undefined;
  const parsed = hosts.map((text) => {
    const host = parseTrustedHost(text);
    if (host !== undefined) return host;
    throw new UsageError(
      `Cannot use --trusted-host ${
        JSON.stringify(text)
      }: allowed is "HOSTNAME KEY [NAMES KEY]", as vaultik info shows it`,
    );
  });
  return { hosts: parsed, untrusted: "ignore" };
}

/** The store that `--storage-url` or else the configuration names, not opened yet. */
export async function findLocation(
  options: StoreOptions,
  io: Io,
  output: Output,
): Promise<{ readonly location: StoreLocation; readonly loaded?: LoadedConfig }> {
  if (options.storageUrl !== undefined) return { location: locationOf(options.storageUrl, options, io) };
  const loaded = await readConfig(options, io, output);
  return { location: toLocation(loaded.config.storage), loaded };
}

function locationOf(storageUrl: string, options: StoreOptions, io: Io): StoreLocation {
  if (options.config !== undefined) {
    throw new UsageError(
      "Cannot use --storage-url together with --config: either names the store; leave one out",
    );
  }
  return locationAt({ url: storageUrl, endpoint: options.s3Endpoint }, "--storage-url", "--s3-endpoint", io);
}

/** The store at a URL, with what it needs from the environment; `urlFlag` and `endpointFlag` name in messages what was given. */
export function locationAt(
  given: { readonly url: string; readonly endpoint?: string },
  urlFlag: string,
  endpointFlag: string,
  io: Io,
): StoreLocation {
  const url = parseStorageUrl(given.url, urlFlag);
  if (url.kind !== "s3") {
    if (given.endpoint === undefined) return url;
    throw new UsageError(`Cannot use ${endpointFlag}: ${urlFlag} is not s3://BUCKET/PREFIX`);
  }
  const server = endpointOf(given.endpoint, io);
  const endpoint = server === undefined ? undefined : cleanEndpoint(server, undefined);
  if (server !== undefined && endpoint === undefined) {
    throw new UsageError(
      "Cannot use the S3 endpoint: allowed is https://HOST:PORT or http://HOST:PORT, without a path",
    );
  }
  return {
    ...url,
    endpoint,
    region: io.env("AWS_REGION") ?? io.env("AWS_DEFAULT_REGION") ?? DEFAULT_REGION,
    useSsl: endpoint === undefined || endpoint.startsWith("https:"),
    partSizeBytes: DEFAULT_PART_SIZE_BYTES,
  };
}

/** The server of S3 that was given, or that the environment names; `undefined` for AWS's own. */
export function endpointOf(given: string | undefined, io: Io): string | undefined {
  return given ?? io.env("AWS_ENDPOINT_URL_S3") ?? io.env("AWS_ENDPOINT_URL");
}

/** Threads that do the heavy work. */
export function threadCount(config: Config | undefined): number {
  return config?.threads ?? defaultThreads(navigator.hardwareConcurrency);
}
