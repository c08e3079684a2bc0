import type { S3Client } from "@aws-sdk/client-s3";
import type { Watch } from "./idle_limit.ts";
import { type Sdk, sendOptions } from "./s3_client.ts";
import { lockEnd, lockMode, lockNeeded, type ObjectLock } from "./object_lock.ts";
import type { CallOptions, ObjectLocks } from "./store.ts";

/** Makes one call of the store `name` is in. */
type Call = <T>(
  name: string,
  options: CallOptions,
  work: (watch: Watch, client: S3Client) => Promise<T>,
) => Promise<T>;

export function s3Locks(
  sdk: Sdk,
  objectLock: ObjectLock,
  target: (name: string) => { Bucket: string; Key: string },
  call: Call,
): ObjectLocks {
  return {
    end: (now) => lockEnd(objectLock, now),
    needed: (now) => lockNeeded(objectLock, now),
    renew: async (name, until, options = {}) => {
      const Retention = { Mode: lockMode(objectLock), RetainUntilDate: until };
      const command = new sdk.PutObjectRetentionCommand({ ...target(name), Retention });
      await call(name, options, (watch, client) => client.send(command, sendOptions(watch)));
    },
    until: async (name, options = {}) => {
      const command = new sdk.HeadObjectCommand(target(name));
      const answer = await call(name, options, (watch, client) => client.send(command, sendOptions(watch)));
      return answer.ObjectLockRetainUntilDate;
    },
  };
}
