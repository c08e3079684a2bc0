import { shellWord } from "../../base/shell_word.ts";

/** What is on the page that restores everything. */
export interface Kit {
  /** `AGE-SECRET-KEY-…` */
  readonly keys: readonly string[];
  readonly recipients: readonly string[];
  readonly storageUrl: string;
  readonly endpoint: string | undefined;
  readonly region: string | undefined;
  readonly madeAt: Date;
}

/** A step of a recovery: what it is for, and the line to type. */
interface Step {
  readonly what: string;
  readonly line: string;
}

/** The four commands of a recovery, on a machine that has only the program. */
export function recoverySteps({ storageUrl, endpoint, region }: Kit): readonly Step[] {
  const isS3 = storageUrl.startsWith("s3://");
  const store = `--storage-url ${shellWord(storageUrl)}` +
    (endpoint === undefined ? "" : ` --s3-endpoint ${shellWord(endpoint)}`);
  const zone = region === undefined ? "" : ` AWS_REGION=${region}`;
  return [
    {
      what: isS3
        ? "Give the program the key to the bucket, and the secret key below in a file key.txt"
        : "Make the store reachable, and put the secret key below into a file key.txt",
      line: (isS3 ? `export AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=…${zone}; ` : "") +
        "(umask 077; cat > key.txt)",
    },
    { what: "See that the key opens the backups", line: `vaultik key verify --identity key.txt ${store}` },
    {
      what: "See which hosts and snapshots there are",
      line: `vaultik snapshot list --all-hosts ${store}`,
    },
    {
      what: "Restore the newest; --host chooses one of several hosts",
      line: `vaultik restore latest /mnt/restored --identity key.txt ${store}`,
    },
  ];
}
