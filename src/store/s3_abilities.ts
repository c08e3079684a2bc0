import { ExistsError } from "../base/errors.ts";
import { BEST, type KnownAbilities } from "./known_abilities.ts";
import { type Checksum, CHECKSUMS } from "./s3_checksum.ts";
import { codeOf } from "./s3_errors.ts";
import type { StoreAbilities } from "./store.ts";

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
  checksum: Checksum;
  checksumSeen: string | undefined;
  listing: "v2" | "v1";
  manyRemovals: StoreAbilities["manyRemovals"];
  region: string | undefined;
  /** What is only remembered, and was not proved wrong. */
  readonly #remembered: Set<"checksum" | "listing">;

  /** `known`: what was seen on another day. Where the store turns out to do otherwise, that is found out again. */
  constructor(known: KnownAbilities = BEST) {
    this.checksum = known.checksum;
    this.checksumSeen = known.checksumSeen;
    this.listing = known.listing;
    this.region = known.region;
    const said = known.manyRemovals;
    this.manyRemovals = said === undefined ? { seen: "unknown" } : { seen: "no", said };
    this.#remembered = new Set(
      (["checksum", "listing"] as const).filter((what) => known[what] !== BEST[what]),
    );
  }

  /** What is worth remembering. That these credentials may not do something is not. */
  get known(): KnownAbilities {
    const { checksum, checksumSeen, listing, region, manyRemovals: { seen, said } } = this;
    return {
      checksum,
      checksumSeen,
      listing,
      manyRemovals: seen === "no" && !said!.startsWith("403") ? said : undefined,
      region,
    };
  }

  /** The store refuses what was only remembered of it: it is asked for the best again. Whether that is worth another try. */
  doubt(what: "checksum" | "listing"): boolean {
    if (!this.#remembered.delete(what)) return false;
    if (what === "listing") this.listing = BEST.listing;
    else {
      this.checksum = BEST.checksum;
      this.checksumSeen = undefined;
    }
    return true;
  }

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
    if (this.doubt("checksum")) return true;
    const next = CHECKSUMS[CHECKSUMS.indexOf(this.checksum) + 1];
    if (next === undefined || (next === "none" && isLocked)) return false;
    this.checksum = next;
    this.checksumSeen = said;
    return true;
  }
}
