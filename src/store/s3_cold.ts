import type { S3Client } from "@aws-sdk/client-s3";
import type { Watch } from "./idle_limit.ts";
import { type Sdk, sendOptions } from "./s3_client.ts";
import { codeOf } from "./s3_errors.ts";
import type { CallOptions, ColdStorage, Temperature } from "./store.ts";

const TIERS = { bulk: "Bulk", standard: "Standard", expedited: "Expedited" } as const;
const COLD_CLASSES = ["GLACIER", "DEEP_ARCHIVE"];

/** Makes one call of the store `name` is in. */
type Call = <T>(
  name: string,
  options: CallOptions,
  work: (watch: Watch, client: S3Client) => Promise<T>,
) => Promise<T>;

export function s3ColdStorage(
  sdk: Sdk,
  target: (name: string) => { Bucket: string; Key: string },
  call: Call,
) {
  const cold: ColdStorage = {
    temperature: (name, options = {}) =>
      call(name, options, async (watch, client) => {
        const command = new sdk.HeadObjectCommand(target(name));
        return temperatureOf(await client.send(command, sendOptions(watch)));
      }),

    askBack: (name, { days, speed, ...options }) =>
      call(name, options, async (watch, client) => {
        const RestoreRequest = { Days: days, GlacierJobParameters: { Tier: TIERS[speed] } };
        const command = new sdk.RestoreObjectCommand({ ...target(name), RestoreRequest });
        try {
          await client.send(command, sendOptions(watch));
        } catch (error) {
          // It is on its way, or was never cold.
          if (!["RestoreAlreadyInProgress", "InvalidObjectState"].includes(codeOf(error).name)) throw error;
        }
      }),
  };
  return cold;
}

/** `Restore` is `ongoing-request="true"` while it comes, and has the end of its time when it is there. */
function temperatureOf(
  { StorageClass, ArchiveStatus, Restore }: {
    readonly StorageClass?: string;
    readonly ArchiveStatus?: string;
    readonly Restore?: string;
  },
): Temperature {
  if (Restore?.includes('ongoing-request="true"')) return "warming";
  const isCold = ArchiveStatus !== undefined || COLD_CLASSES.includes(StorageClass ?? "");
  return isCold && Restore === undefined ? "cold" : "warm";
}
