import fc from "fast-check";
import process from "node:process";

/** Something that reads what others have written, and what is asked of it. */
export interface Target {
  readonly name: string;
  /** Inputs in a run of the tests: fewer where each takes longer. */
  readonly runs: number;
  /** Tries inputs made from a seed, until one shows a fault; the result names that one, made as small as it gets. */
  try(parameters: fc.Parameters<[unknown]>, observe?: Observe): Promise<fc.RunDetails<[unknown]>>;
}

/** Called for each input that was tried, with the CPU time of the process meanwhile. */
export type Observe = (cpuMs: number) => void;

/** `input` is made by our own writers and then changed; `check` throws where the program does not do with it what it should. */
export function target<Input>(
  name: string,
  input: fc.Arbitrary<Input>,
  check: (input: Input) => void | Promise<void>,
  runs = 200,
): Target {
  return targetWith(
    name,
    runs,
    () => Promise.resolve({ check, [Symbol.asyncDispose]: async () => {} }),
    input,
  );
}

/** What checks inputs, and is made once for many of them. */
export interface Checker<Input> extends AsyncDisposable {
  check(input: Input): void | Promise<void>;
}

/** As {@link target}, with a server or files that `open` makes. */
export function targetWith<Input>(
  name: string,
  runs: number,
  open: () => Promise<Checker<Input>>,
  input: fc.Arbitrary<Input>,
): Target {
  return {
    name,
    runs,
    async try(parameters, observe) {
      await using checker = await open();
      const property = fc.asyncProperty(input, async (one) => {
        const before = process.cpuUsage();
        await checker.check(one);
        const { user, system } = process.cpuUsage(before);
        observe?.((user + system) / 1000);
      });
      return await fc.check(property, parameters as fc.Parameters<[Input]>) as fc.RunDetails<[unknown]>;
    },
  };
}

type ErrorClass = new (...args: any[]) => Error;

/** What `work` gives, or `undefined` where it throws one of `allowed`; any other error is thrown on. */
export async function outcomeOf<T>(
  allowed: readonly ErrorClass[],
  work: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (allowed.some((Class) => error instanceof Class)) return undefined;
    throw error;
  }
}
