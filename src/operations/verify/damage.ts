/** What is wrong with an object, and what cannot be had from it. */
export interface Damage {
  readonly state: string;
  /** Ids of chunks or pages. */
  readonly lost: Set<string> | "all";
}

/** Damaged objects by name. */
export class DamageMap extends Map<string, Damage> {
  /** Adds to what is known of the object `name`; the first state is the one that is reported. */
  note(name: string, state: string, lost: Iterable<string> | "all"): void {
    const known = this.get(name);
    if (known?.lost === "all") return;
    const both = lost === "all" ? "all" as const : new Set([...known?.lost ?? [], ...lost]);
    this.set(name, { state: known?.state ?? state, lost: both });
  }

  /** Whether the chunk or page `id` of the object `name` is known to be lost. */
  hasLost(name: string, id: string): boolean {
    const lost = this.get(name)?.lost;
    return lost !== undefined && (lost === "all" || lost.has(id));
  }
}
