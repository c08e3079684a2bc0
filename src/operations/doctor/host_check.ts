import { EnvironmentError, UsageError } from "../../base/errors.ts";
import { hostOf } from "../../read/sealed_keys.ts";
import { loadHostKeys, readHostKeys } from "../host_keys.ts";
import type { MachineCheck } from "./root_check.ts";

/**
 * Which host this machine is in the store, by the keys beside the index; `undefined` where there are none. With `make` they are made then:
 * whoever gives this machine its rights must know the host's directory before the first backup.
 */
export function checkHost(
  indexPath: string,
  make: boolean,
): { readonly host: string | undefined; readonly check: MachineCheck } {
  try {
    const known = readHostKeys(indexPath);
    const keys = known ?? (make ? loadHostKeys(indexPath) : undefined);
    if (keys === undefined) {
      const text = "this machine has no keys yet: the first backup makes them";
      return { host: undefined, check: { what: "host", isRight: true, text } };
    }
    const text = known === undefined ? "its keys were made just now" : "its keys are here";
    return { host: hostOf(keys), check: { what: `host ${hostOf(keys)}`, isRight: true, text } };
  } catch (error) {
    if (!(error instanceof EnvironmentError || error instanceof UsageError)) throw error;
    return { host: undefined, check: { what: "host", isRight: false, text: error.message } };
  }
}
