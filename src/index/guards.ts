import type { RootState } from "../model/guard.ts";
import type { Database } from "./database.ts";

/** What the paths of a source set looked like. */
interface GuardMemory {
  /** In the last backup that was not suspicious, or was accepted. */
  readonly good: readonly RootState[];
  /** In suspicious ones since then, oldest first. */
  readonly suspicious: readonly { readonly id: string; readonly roots: readonly RootState[] }[];
}

/** Suspicious snapshots that can be accepted as the new state; more are a long time without a look. */
const SUSPICIOUS_MAX = 10;

/** What the next backup of each source set is compared with. */
export class GuardIndex {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** What the last good backup found; `undefined` where there is none. */
  good(name: string): readonly RootState[] | undefined {
    return this.#memory(name)?.good;
  }

  /** Suspicious snapshots since the last good one. */
  suspicious(name: string): string[] {
    return this.#memory(name)?.suspicious.map(({ id }) => id) ?? [];
  }

  /** The snapshot `id` has found `roots`, and was published. */
  add(name: string, { id, roots, isSuspicious }: FoundRootStates): void {
    const before = this.#memory(name);
    if (!isSuspicious || before === undefined) return this.#keep(name, { good: roots, suspicious: [] });
    const suspicious = [...before.suspicious, { id, roots }].slice(-SUSPICIOUS_MAX);
    this.#keep(name, { ...before, suspicious });
  }

  /** From now on what the snapshot `id` has found is what there should be. Whether it is known here as a suspicious one. */
  accept(id: string): boolean {
    for (const name of this.#names()) {
      const accepted = this.#memory(name)!.suspicious.find((snapshot) => snapshot.id === id);
      if (accepted === undefined) continue;
      const suspicious = this.#memory(name)!.suspicious.filter((snapshot) => snapshot.id > id);
      this.#keep(name, { good: accepted.roots, suspicious });
      return true;
    }
    return false;
  }

  #names(): string[] {
    return this.#database.prepare("SELECT name FROM guard").all().map((row) => row.name as string);
  }

  #memory(name: string): GuardMemory | undefined {
    const row = this.#database.prepare("SELECT memory FROM guard WHERE name = ?").get(name);
    return row === undefined ? undefined : JSON.parse(row.memory as string);
  }

  #keep(name: string, memory: GuardMemory): void {
    const sql = "INSERT OR REPLACE INTO guard (name, memory) VALUES (?, ?)";
    this.#database.transaction(() => this.#database.run(sql, name, JSON.stringify(memory)));
  }
}

export interface FoundRootStates {
  readonly id: string;
  readonly roots: readonly RootState[];
  readonly isSuspicious: boolean;
}
