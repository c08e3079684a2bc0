import { UsageError } from "../base/errors.ts";
import { type S3Parts, s3Section } from "../config/example.ts";
import { parseStorageUrl } from "../config/storage_url.ts";
import type { GlobalOptions } from "./command.ts";
import { localPath } from "./local_path.ts";

export const SCHEDULES = ["cron", "systemd", "launchd", "none"] as const;

/** All that `init` can be given, and that its conversation finds out. */
export interface InitOptions extends GlobalOptions {
  readonly yes?: boolean;
  readonly keygen?: boolean;
  readonly postQuantum?: boolean;
  readonly identityOut?: string;
  readonly recipient?: readonly string[];
  readonly storageUrl?: string;
  readonly s3Endpoint?: string;
  readonly s3AccessKeyId?: string;
  readonly s3SecretFile?: string;
  /** What is written to that file. */
  readonly s3Secret?: string;
  readonly indexPath?: string;
  readonly path?: readonly string[];
  readonly schedule?: typeof SCHEDULES[number];
  readonly user?: boolean;
  readonly backup?: boolean;
  readonly drill?: boolean;
  readonly force?: boolean;
}

export function s3Of({ s3Endpoint, s3AccessKeyId, s3SecretFile }: InitOptions): S3Parts {
  const secretFile = s3SecretFile === undefined ? undefined : localPath(s3SecretFile);
  return { endpoint: s3Endpoint, accessKeyId: s3AccessKeyId, secretFile };
}

/** The keys of a configuration that name the store, with the secret itself. */
export function storeSettings(options: InitOptions): Record<string, unknown> {
  const s3 = s3Section(s3Of(options));
  if (options.s3Secret !== undefined) s3.secret_access_key = options.s3Secret;
  return { storage_url: options.storageUrl, ...(Object.keys(s3).length === 0 ? {} : { s3 }) };
}

/** Refuses what does not go together. Throws `UsageError`. */
export function checkOptions(options: InitOptions): void {
  if (!options.keygen && (options.identityOut !== undefined || options.postQuantum)) {
    throw new UsageError(
      "Cannot use --identity-out or --post-quantum: they belong to --keygen, which is not given",
    );
  }
  if (options.storageUrl !== undefined) parseStorageUrl(options.storageUrl, "--storage-url");
  for (const path of options.path ?? []) checkPath(path);
  if (options.drill && !options.backup) {
    throw new UsageError("Cannot use --drill: it needs --backup, as there is nothing to try before");
  }
}

/** Throws `UsageError`. */
export function checkPath(path: string): void {
  if (path.startsWith("/")) return;
  throw new UsageError(`Cannot use --path ${JSON.stringify(path)}: an absolute path is needed`);
}
