import type { Prices } from "../model/prices.ts";
import type { Section } from "./section.ts";

const MAX_PRICE = 1_000_000;

/** The section `prices`: a price for each GiB and month by storage class, and `default`. */
export function prices(top: Section): Prices | undefined {
  if (!top.has("prices")) return undefined;
  const section = top.section("prices");
  const perGiB: Record<string, number> = {};
  for (const key of section.keys) {
    if (key !== "default" && !/^[A-Za-z0-9_-]{1,64}$/.test(key)) {
      throw top.problem(
        `prices.${key} is no storage class; allowed are names as STANDARD_IA, and default`,
      );
    }
    perGiB[key] = section.number(key, { min: 0, max: MAX_PRICE });
  }
  return { perGiB, basis: "by the prices of the configuration" };
}
