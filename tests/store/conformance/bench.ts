import type { ObjectStore } from "../../../src/store/store.ts";

export interface StoreTraits {
  /** `atomic`: of several create-only writes one wins. `looked`: what was there before wins. `ignored`: they replace. */
  readonly createOnly: "atomic" | "looked" | "ignored";
  /** Whether a wrong `sha256` is refused. */
  readonly checksHashes: boolean;
  /** Whether connections stay open between calls, so that Deno's leak check must look away. */
  readonly keepsConnections: boolean;
  /** How many objects the listing test writes; more than 1000 make S3 answer in pages. */
  readonly manyObjects: number;
  /** Sentences that the server behind the store breaks, each with how; they are not run. */
  readonly brokenByServer?: Readonly<Record<string, string>>;
}

export interface Bench {
  readonly store: ObjectStore;
  /** Begins the names of one test, which has the store to itself below it. */
  readonly folder: string;
  readonly traits: StoreTraits;
}

/** By what they say: each proves one line of the contract. */
export type Sentences = Record<string, (bench: Bench) => Promise<void>>;
