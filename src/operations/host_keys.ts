import { randomBytes } from "node:crypto";
import { dirname } from "node:path/posix";
import * as v from "valibot";
import { toHex } from "../base/bytes.ts";
import { EnvironmentError, UsageError } from "../base/errors.ts";
import { fromKeyMembers, type HostKeys, HostKeysSchema, keyMembers } from "../model/host_keys.ts";
import { makeDirectoryDurably, writeDurably } from "../platform/durable_file.ts";
import { newNamesKey } from "../seal/names_key.ts";
import { newSigningKey } from "../seal/signature.ts";

// Who this machine is: the file beside the index.

const SEED_BYTES = 32;
const PRIVATE_DIRECTORY = 0o700;

const pathOf = (indexPath: string) => `${indexPath}.host.json`;

/** Reads the file beside the index; makes it, readable by its owner only, where there is none. */
export function loadHostKeys(indexPath: string): HostKeys {
  const known = readHostKeys(indexPath);
  if (known !== undefined) return known;
  const keys = {
    signingKey: newSigningKey(),
    chunkerSeed: toHex(randomBytes(SEED_BYTES)),
    namesKey: newNamesKey(),
  };
  writeHostKeys(indexPath, keys);
  return keys;
}

/** `undefined` where there is none. Throws `UsageError` where it is damaged. */
export function readHostKeys(indexPath: string): HostKeys | undefined {
  const path = pathOf(indexPath);
  try {
    return fromKeyMembers(v.parse(HostKeysSchema, JSON.parse(Deno.readTextFileSync(path))));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof SyntaxError || error instanceof v.ValiError) {
      throw new UsageError(
        `Cannot read host keys "${path}": the file is damaged; put it back, or remove it and run ` +
          "vaultik index rebuild with the identity",
        { cause: error },
      );
    }
    throw new EnvironmentError(`Cannot read host keys "${path}": ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Writes the file beside the index, whole or not at all, and makes their directory where there is none. */
export function writeHostKeys(indexPath: string, keys: HostKeys): void {
  const path = pathOf(indexPath);
  try {
    makeDirectoryDurably(dirname(path), { mode: PRIVATE_DIRECTORY });
    writeDurably(path, JSON.stringify(keyMembers(keys)) + "\n", { replace: true });
  } catch (error) {
    throw new EnvironmentError(`Cannot write host keys "${path}": ${(error as Error).message}`, {
      cause: error,
    });
  }
}
