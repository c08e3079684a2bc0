import { ExistsError } from "../base/errors.ts";
import { codeOf } from "./s3_errors.ts";
import type { StoreAbilities } from "./store.ts";

/** In the order of trying: what a store keeps of the bytes of a PUT. Each needs the whole body, which stays the same. */
const CHECKSUMS = ["sha256", "crc32", "md5", "none"] as const;

export type Checksum = typeof CHECKSUMS[number];

/** What a PUT asks of the store beside storing the bytes. */
export interface Wishes {
  /** Refuse to replace an object. */
  readonly isConditional: boolean;
  readonly checksum: Checksum;
}

/** Codes of 400 for what a store does not know; others are about the bytes, the names or the credentials. */
const NOT_UNDERSTOOD =
  /^(InvalidRequest|InvalidArgument|BadRequest|NotImplemented|NotSupported|MethodNotAllowed|Unsupported\w*|Invalid\w*Header|Unknown\w*|\d+)$/;
const ABOUT_CHECKSUM = /checksum|content-md5|x-amz-sdk/i;
/** What else a PUT may ask for is asked for by the configuration, and not given up. */
const ABOUT_OTHERS = /lock|retention|storage.?class|encrypt|kms/i;
const ABOUT_CONDITION = /if-none-match|condition/i;

/** What one store was seen to do: what it refused is not asked of it again. */
export class S3Abilities implements StoreAbilities {
  conditionalWrites: StoreAbilities["conditionalWrites"] = { seen: "unknown" };
  checksum: Checksum = "sha256";
  checksumSeen: string | undefined;
  listing: "v2" | "v1" = "v2";
  manyRemovals: StoreAbilities["manyRemovals"] = { seen: "unknown" };
  region: string | undefined;

  wishes(createOnly: boolean): Wishes {
    return { isConditional: createOnly && this.conditionalWrites.seen !== "no", checksum: this.checksum };
  }

  /** What is asked for at the moment, for {@link takeBack}. */
  get asked(): Pick<S3Abilities, "conditionalWrites" | "checksum" | "checksumSeen"> {
    const { conditionalWrites, checksum, checksumSeen } = this;
    return { conditionalWrites, checksum, checksumSeen };
  }

  /** What was given up since `asked` was no reason for the refusal. */
  takeBack(asked: S3Abilities["asked"]): void {
    Object.assign(this, asked);
  }

  /** The store refused to replace an object that is there. */
  sawRefusal(): void {
    if (this.conditionalWrites.seen === "unknown") this.conditionalWrites = { seen: "yes" };
  }

  /** The store has no conditional writes that can be relied on. */
  giveUpConditions(said: string): void {
    this.conditionalWrites = { seen: "no", said };
  }

  /**
   * Gives up one of the wishes that `error` may refuse. Whether the PUT is worth another try. Objects that are locked have to come with
   * a checksum.
   */
  giveUp(error: unknown, wishes: Wishes, isLocked: boolean): boolean {
    if (error instanceof ExistsError || !(error instanceof Error)) return false;
    const { name, status } = codeOf(error.cause);
    const message = (error.cause as Error | undefined)?.message ?? "";
    if (status !== 501 && !(status === 400 && NOT_UNDERSTOOD.test(name))) return false;
    if (ABOUT_OTHERS.test(message) && !ABOUT_CHECKSUM.test(message)) return false;
    if (wishes.checksum !== this.checksum) return true;
    if (wishes.isConditional && this.conditionalWrites.seen === "no") return true;
    const said = `${status} ${name}`;
    const isCondition = ABOUT_CONDITION.test(message) || (status === 501 && !ABOUT_CHECKSUM.test(message));
    if (wishes.isConditional && isCondition) this.giveUpConditions(said);
    else if (!this.#giveUpChecksum(said, isLocked)) {
      if (!wishes.isConditional) return false;
      this.giveUpConditions(said);
    }
    return true;
  }

  #giveUpChecksum(said: string, isLocked: boolean): boolean {
    const next = CHECKSUMS[CHECKSUMS.indexOf(this.checksum) + 1];
    if (next === undefined || (next === "none" && isLocked)) return false;
    this.checksum = next;
    this.checksumSeen = said;
    return true;
  }
}
