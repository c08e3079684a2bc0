import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import { UsageError } from "../base/errors.ts";
import type { Watch } from "./idle_limit.ts";
import type { Pacer } from "./pacer.ts";
import { named } from "./s3_credentials.ts";
import type { S3PutOptions } from "./s3_put_options.ts";
import { countRequests } from "./s3_traffic.ts";
import { hasProxy, S3Transport, type TransportOptions } from "./s3_transport.ts";
import type { Traffic } from "./traffic.ts";

export type Sdk = typeof import("./s3_sdk.ts");

export interface S3Location extends S3PutOptions {
  readonly endpoint?: string;
  readonly bucket: string;
  /** A folder: object `a` is the key `<prefix>/a`. Empty for the whole bucket. */
  readonly prefix: string;
  readonly region: string;
  /** Without these two the SDK looks in the environment, profiles and the machine's role. */
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  /** For an endpoint without a scheme. */
  readonly useSsl: boolean;
  /** Parts of an upload that is too large for one request; S3 allows 5 MiB to 5 GiB. */
  readonly partSizeBytes: number;
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`. Default: for an endpoint of one's own. */
  readonly pathStyle?: boolean;
  /** AWS's endpoints that answer over IPv6 too. */
  readonly dualStack?: boolean;
  /** A PEM file of authorities to trust beside the machine's own. */
  readonly caFile?: string;
  /** A call in which no byte moves for so long has failed. Default: 60 s. */
  readonly idleLimitMs?: number;
}

export interface S3StoreOptions {
  /** Instead of what the location says. */
  readonly idleLimitMs?: number;
  /** Larger objects are uploaded in parts. Default: 100 MiB. */
  readonly multipartFromBytes?: number;
  /** Counts each request. */
  readonly traffic?: Traffic;
  /** A directory of this machine: what the store is seen to do is kept in it for some days. */
  readonly notesIn?: string;
  /** Holds back what is sent and received, in small pieces. */
  readonly pacer?: Pacer;
}

export interface Opened {
  readonly sdk: Sdk;
  /** A new client, which looks for its credentials. */
  readonly open: (region: string) => S3Client;
  /** Whether the credentials are found, not configured, so that a new client may find new ones. */
  readonly isRenewable: boolean;
}

/** Loads the SDK, which users of other stores need not wait for. */
export async function openClient(location: S3Location, traffic: Traffic, pacer?: Pacer): Promise<Opened> {
  const [sdk, { NodeHttpHandler }, { defaultProvider }] = await Promise.all([
    import("./s3_sdk.ts"),
    import("@smithy/node-http-handler"),
    import("@aws-sdk/credential-provider-node"),
  ]);
  const caCerts = await readAuthorities(location.caFile);
  const settings = { caCerts, hasProxy: hasProxy((name) => Deno.env.get(name)), pacer };
  const open = (region: string) => {
    const client = new sdk.S3Client({
      ...clientConfig({ ...location, region }, new S3Transport(NodeHttpHandler, settings)),
      // Files of credentials are read again by each client: the SDK keeps them as long as the process lives.
      credentialDefaultProvider: (init) => named(defaultProvider({ ...init, ignoreCache: true })),
    });
    countRequests(client, traffic);
    return client;
  };
  return { sdk, open, isRenewable: location.accessKeyId === undefined };
}

async function readAuthorities(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const refusal = (state: string, cause?: unknown) =>
    new UsageError(`Cannot use the authorities in "${path}" (s3.ca_file): ${state}`, { cause });
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    throw refusal((error as Error).message, error);
  }
  if (!text.includes("-----BEGIN CERTIFICATE-----")) throw refusal("no certificate in PEM form is in it");
  return text;
}

function clientConfig(location: S3Location, transport: S3Transport): S3ClientConfig {
  const { region, accessKeyId, secretAccessKey, dualStack } = location;
  const hasKeys = accessKeyId !== undefined && secretAccessKey !== undefined;
  const endpoint = endpointUrl(location);
  if (!hasKeys && accessKeyId !== secretAccessKey) {
    throw new UsageError(`Cannot use bucket "${location.bucket}": of the two access keys only one is given`);
  }
  return {
    region: region === "" ? "us-east-1" : region,
    ...(endpoint === undefined ? {} : { endpoint: endpoint.href }),
    forcePathStyle: location.pathStyle ?? endpoint !== undefined,
    useDualstackEndpoint: dualStack ?? false,
    ...(hasKeys ? { credentials: { accessKeyId, secretAccessKey } } : {}),
    maxAttempts: 1,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    expectContinueHeader: false,
    requestHandler: transport as unknown as S3ClientConfig["requestHandler"],
  };
}

function endpointUrl({ endpoint, useSsl }: S3Location): URL | undefined {
  if (endpoint === undefined || endpoint === "") return undefined;
  const text = /^https?:\/\//.test(endpoint) ? endpoint : `${useSsl ? "https" : "http"}://${endpoint}`;
  const url = URL.parse(text);
  if (url === null) throw new UsageError(`Cannot use endpoint "${endpoint}": not a URL`);
  return url;
}

/** For messages: without user and password, should someone put them there. */
export function describeEndpoint(location: S3Location): string {
  return endpointUrl(location)?.origin ?? `AWS S3 in ${location.region || "us-east-1"}`;
}

/** The second argument of `send`: how a call ends early, and what the transport should know. */
export function sendOptions(watch: Watch, isStreamed = false): { abortSignal: AbortSignal } {
  const options: TransportOptions = {
    abortSignal: watch.signal,
    onProgress: () => watch.progress(),
    isStreamed,
  };
  return options as { abortSignal: AbortSignal };
}
