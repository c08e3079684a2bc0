import type { GuardLimits } from "../model/guard.ts";
import type { PathAlias } from "../model/path_alias.ts";
import type { Retention } from "../model/retention.ts";
import { readRules, type SelectionRules } from "../model/selection.ts";
import { checkPlaces, type CommandConfig, commandConfig } from "./commands.ts";
import { copiesOf, dumpsOf, type SqliteConfig } from "./databases.ts";
import { guardLimits } from "./guard.ts";
import { type HooksConfig, hooksConfig } from "./hooks.ts";
import { pathsOf } from "./paths.ts";
import type { Refuse } from "./refusal.ts";
import type { Settings } from "./schema.ts";

export interface SnapshotConfig extends SelectionRules {
  readonly name: string;
  /** Absolute and in normal form, without repetitions: where a snapshot has them. */
  readonly paths: readonly string[];
  /** Those of them that are somewhere else. */
  readonly aliases: readonly PathAlias[];
  /** Files that are what programs print, those that dump databases too. */
  readonly commands: readonly CommandConfig[];
  readonly sqlite: readonly SqliteConfig[];
  /** Patterns of this snapshot alone. */
  readonly exclude: readonly string[];
  /** What each of its paths may lose before a snapshot is suspicious; without it whatever it loses. */
  readonly guard?: GuardLimits;
  readonly hooks?: HooksConfig;
  /** Which of its snapshots are kept; without it all are. */
  readonly retention?: Retention;
}

/** How much may be lost from one backup to the next, where that is watched. */
export function optionalGuard(guard: GuardLimits | undefined): { readonly guard?: GuardLimits } {
  return guard === undefined ? {} : { guard };
}

/** The source sets, each with what all of them share. */
export function snapshots(settings: Settings, refuse: Refuse): SnapshotConfig[] {
  const general = guardLimits(settings.guard);
  return Object.entries(settings.snapshots).map(([name, own]) => {
    const guard = guardLimits(own.guard, general);
    const retention = own.retention ?? settings.retention;
    const { paths, aliases } = pathsOf(`snapshots.${name}`, own.paths ?? [], refuse);
    const commands = [...own.commands.map(commandConfig), ...own.databases.flatMap(dumpsOf)];
    const sqlite = own.databases.flatMap(copiesOf);
    checkPlaces(`snapshots.${name}`, [...commands, ...sqlite].map(({ path }) => path), paths, refuse);
    if (paths.length + commands.length + sqlite.length === 0) {
      const state = own.paths === undefined ? "is missing" : "is empty";
      throw refuse(`snapshots.${name}.paths ${state}; needed is a list of absolute paths`);
    }
    return {
      name,
      paths,
      aliases,
      commands,
      sqlite,
      exclude: own.exclude,
      ...readRules(own, settings),
      ...own.hooks === undefined ? {} : { hooks: hooksConfig(own.hooks) },
      ...optionalGuard(guard),
      ...retention === undefined ? {} : { retention },
    };
  });
}
