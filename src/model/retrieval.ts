import { COLD, isCold, READ_PER_GIB, type Speed, SPEEDS } from "./storage_classes.ts";

/** Bytes and objects of one storage class. */
export interface ClassAmount {
  readonly storageClass: string;
  readonly objects: number;
  readonly bytes: number;
}

const GIB = 2 ** 30;

export interface Retrievals {
  readonly speed: Speed;
  readonly cost: number;
  /** At most. */
  readonly hours: number;
}

/** What reading these costs at each speed that all their cold classes have. */
export function retrievals(amounts: readonly ClassAmount[]): Retrievals[] {
  const cold = amounts.filter(({ storageClass }) => isCold(storageClass));
  const read = amounts.reduce(
    (sum, { storageClass, bytes }) => sum + bytes / GIB * (READ_PER_GIB[storageClass] ?? 0),
    0,
  );
  return SPEEDS.flatMap((speed) => {
    const of = cold.map((amount) => ({ ...amount, ...COLD[amount.storageClass]![speed] }));
    if (of.some(({ hours }) => hours === undefined)) return [];
    const cost = of.reduce(
      (sum, { bytes, objects, perGiB, perThousandRequests }) =>
        sum + bytes / GIB * perGiB! + objects / 1000 * perThousandRequests!,
      read,
    );
    return [{ speed, cost, hours: of.reduce((most, { hours }) => Math.max(most, hours!), 0) }];
  });
}
