/** What a program asks of a file system, as far as it changes something there or can fail. */
export type Kind =
  | "look"
  | "create"
  | "write"
  | "truncate"
  | "sync"
  | "rename"
  | "link"
  | "remove"
  | "mkdir"
  | "symlink"
  | "node"
  | "attributes"
  | "commit";

/** Which of them leave something else behind than what was there. */
export const isChange = (kind: Kind): boolean => kind !== "look" && kind !== "sync";

export interface Call {
  readonly kind: Kind;
  readonly path: string;
  /** Of `rename` and `link`: the name that there was. */
  readonly from?: string;
  /** Of a commit: nothing before it can be lost any more. */
  readonly isCheckpoint?: boolean;
  /** Does it once more, after a disk was set back; of a write perhaps the first half only. */
  readonly redo: (half?: boolean) => void;
}

/** What happens to a call instead of what it asks for: `ENOSPC`, …, or a write of half of its bytes. */
export type Fault = string;

export interface Plan {
  /** The number of the call, from 0. */
  readonly at: number;
  readonly fault: Fault;
  /** From there on all calls that change something, as on a disk that is full; removals go on. */
  readonly forEver?: boolean;
}

/** All calls below one directory, counted, of which a plan lets one fail. */
class Recorder {
  calls: Call[] = [];
  plan: Plan | undefined;
  /** The calls that met the plan. */
  met: Call[] = [];
  #below: string | undefined;

  /** Counts from 0 what is done below `directory` until {@link stop}. */
  start(directory: string, plan?: Plan): void {
    this.calls = [];
    this.plan = plan;
    this.met = [];
    this.#below = directory;
  }

  stop(): Call[] {
    this.#below = undefined;
    return this.calls;
  }

  isWatched(path: string | undefined): path is string {
    return this.#below !== undefined && path !== undefined &&
      (path === this.#below || path.startsWith(`${this.#below}/`));
  }

  /** Whoever is about to make this call says so; what is to happen to it instead. */
  meet(call: Call): Fault | undefined {
    const number = this.calls.length;
    const { plan } = this;
    const isMet = plan !== undefined &&
      (number === plan.at || plan.forEver === true && number > plan.at && isWrite(call.kind));
    if (isMet) this.met.push(call);
    // A call that fails leaves nothing; half a write is noted by whoever makes it.
    this.calls.push(isMet ? { ...call, kind: "look" } : call);
    return isMet ? plan.fault : undefined;
  }

  /** The last call left nothing behind: it was refused, or nothing was to be done. */
  forgetLast(): void {
    this.replaceLast({ ...this.calls.at(-1)!, kind: "look" });
  }

  replaceLast(call: Call): void {
    this.calls[this.calls.length - 1] = call;
  }
}

function isWrite(kind: Kind): boolean {
  return isChange(kind) && kind !== "remove";
}

export const recorder = new Recorder();
