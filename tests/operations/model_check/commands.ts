import fc from "fast-check";
import { type Edit, makeEdit } from "./edits.ts";
import { EXCLUDES, type ModelHost, World } from "./world.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const HOSTS = 2;
const PASSED_MS = [1_000, HOUR_MS, DAY_MS, 3 * DAY_MS, 40 * DAY_MS];
const SKEWS_MS = [0, HOUR_MS, -HOUR_MS, 400 * DAY_MS, -400 * DAY_MS];

/** What is done; `host` and numbers are brought into range where they are used, so that any part of a sequence is one. */
export type Action =
  | { readonly do: "edit"; readonly host: number; readonly edit: Edit }
  | { readonly do: "exclude"; readonly host: number; readonly excludes: readonly number[] }
  | { readonly do: "back up" | "back up changes"; readonly host: number; readonly set: number }
  | {
    readonly do: "look" | "restore" | "restore in place" | "remove";
    readonly host: number;
    readonly number: number;
  }
  | { readonly do: "purge" | "pass" | "set the clock"; readonly host: number; readonly number: number }
  | {
    readonly do: "prune" | "verify" | "list" | "lose the index" | "rebuild the index";
    readonly host: number;
  };

const host = fc.nat({ max: HOSTS - 1 });
const number = fc.nat({ max: 1_000 });
const edit = fc.record({ kind: fc.nat({ max: 9 }), a: number, b: number });

function action(what: Action["do"], more: Record<string, fc.Arbitrary<unknown>> = {}): fc.Arbitrary<Action> {
  return fc.record({ do: fc.constant(what), host, ...more }) as fc.Arbitrary<Action>;
}

/** Edits are cheap; what takes threads is rarer. */
const anyAction = fc.oneof(
  { weight: 300, arbitrary: action("edit", { edit }) },
  { weight: 4, arbitrary: action("exclude", { excludes: fc.subarray([...EXCLUDES.keys()]) }) },
  { weight: 14, arbitrary: action("back up", { set: number }) },
  { weight: 20, arbitrary: action("back up changes", { set: number }) },
  { weight: 20, arbitrary: action("look", { number }) },
  { weight: 3, arbitrary: action("restore", { number }) },
  { weight: 3, arbitrary: action("restore in place", { number }) },
  { weight: 8, arbitrary: action("remove", { number }) },
  { weight: 6, arbitrary: action("purge", { number: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 15, arbitrary: action("pass", { number }) },
  { weight: 3, arbitrary: action("set the clock", { number }) },
  { weight: 12, arbitrary: action("prune") },
  { weight: 2, arbitrary: action("verify") },
  { weight: 5, arbitrary: action("list") },
  { weight: 2, arbitrary: action("lose the index") },
  { weight: 1, arbitrary: action("rebuild the index") },
);

/** Whole lives of a store and its hosts, of which any part is one, too. */
export function lives(length: number): fc.Arbitrary<readonly Action[]> {
  return fc.array(anyAction, { minLength: 1, maxLength: length, size: "max" });
}

/** Does all of `todo` in a new world; throws where the program and the model differ. */
export async function live(todo: readonly Action[]): Promise<void> {
  await using world = await World.open(HOSTS);
  for (const one of todo) {
    await act(world, world.hosts[one.host]!, one);
    world.check();
  }
  for (const host of world.hosts) {
    await host.verify();
    for (const number of host.snapshots.keys()) await host.look(number);
  }
}

async function act(world: World, host: ModelHost, action: Action): Promise<void> {
  switch (action.do) {
    case "edit":
      return makeEdit(host.machine.data, action.edit, [...host.dirty.values()]);
    case "exclude":
      host.excludes = action.excludes;
      return;
    case "back up":
      return await host.backUp(action.set, false);
    case "back up changes":
      return await host.backUp(action.set, true);
    case "look":
      return await host.look(action.number);
    case "restore":
      return await host.restore(action.number);
    case "restore in place":
      return await host.restoreInPlace(action.number);
    case "remove":
      return await host.remove(action.number);
    case "purge":
      return await host.purge(action.number);
    case "pass":
      return world.pass(PASSED_MS[action.number % PASSED_MS.length]!);
    case "set the clock":
      host.skewMs = SKEWS_MS[action.number % SKEWS_MS.length]!;
      return;
    case "prune":
      return await host.prune();
    case "verify":
      return await host.verify();
    case "list":
      return await host.list();
    case "lose the index":
      return await host.loseIndex(false);
    case "rebuild the index":
      return await host.loseIndex(true);
  }
}
