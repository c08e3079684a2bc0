import { errnoName, errnoNumber } from "../../base/errno.ts";

let last = 0;

/** As `errno()`, of the last call here that failed. */
export function portableErrno(): number {
  return last;
}

/** What a call gives that fails with that number. */
export function failed(number: number): -1 {
  last = number;
  return -1;
}

/** The call cannot be made, as `number` says. */
export class Refusal extends Error {
  constructor(readonly number: number) {
    super();
  }
}

/** What `call` gives; -1 where it throws. */
export function attempt<T>(call: () => T): T | -1 {
  try {
    return call();
  } catch (error) {
    return failed(error instanceof Refusal ? error.number : errnoNumber(errnoName(error) ?? ""));
  }
}
