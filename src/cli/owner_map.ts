import { UsageError } from "../base/errors.ts";
import type { OwnerMap, OwnerOptions } from "../operations/restore/owners.ts";
import type { WhatFlags } from "./restore_flags.ts";

/** Whose the restored entries are. */
export function ownersOf({ owner, ownerMap, special }: WhatFlags, isRoot: boolean): OwnerOptions {
  return {
    noOwner: owner === false,
    ownerMap: ownerMap === undefined ? undefined : parseOwnerMap(ownerMap),
    noSpecial: special === false || !isRoot,
  };
}

const OWNER = /^(user|group):(\d{1,10})=(\d{1,10})$/;
const ID_MAX = 2 ** 32 - 1;

function parseOwnerMap(texts: readonly string[]): OwnerMap {
  const users = new Map<number, number>();
  const groups = new Map<number, number>();
  for (const text of texts) {
    const [, kind, from, to] = OWNER.exec(text) ?? [];
    if (kind === undefined || Number(from) > ID_MAX || Number(to) > ID_MAX) {
      throw new UsageError(
        `Cannot use --owner-map ${
          JSON.stringify(text)
        }: allowed is user:FROM=TO or group:FROM=TO, with numbers`,
      );
    }
    (kind === "user" ? users : groups).set(Number(from), Number(to));
  }
  return { users, groups };
}
