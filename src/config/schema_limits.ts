import * as v from "valibot";
import { allowed } from "./refusal.ts";
import { optional, required, section } from "./section.ts";
import { KIB, rate, TIME, timeOfDay } from "./values.ts";

/** Slower, a large object would not arrive within the times that stores allow. */
const SLOWEST = 8 * KIB;

const rates = {
  upload: optional("bytes a second to the store, as in 10MiB/s, or unlimited", rate(SLOWEST)),
  download: optional("bytes a second from the store", rate(SLOWEST)),
};
const scheduled = section({
  from: required('time of the day, as in "08:00"', TIME, timeOfDay()),
  to: required("time of the day", TIME, timeOfDay()),
  ...rates,
});
export const limits = section({
  ...rates,
  schedule: optional(
    "other rates from some hour to another; the first that holds counts",
    v.array(scheduled, allowed('a list of keys with values, each on a line of its own after "- "')),
    [],
  ),
});
