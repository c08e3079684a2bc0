import { CorruptionError } from "../base/errors.ts";
import { formatDuration } from "../base/units.ts";
import { parseStorage } from "../config/config.ts";
import { machineDefaults } from "../config/machine.ts";
import { toLocation } from "../config/storage.ts";
import { openStore } from "../store/open.ts";
import type { Io } from "./io.ts";

/** Who answers questions does not wait for long. */
const POLICY = { limitMs: 20_000, firstLimitMs: 20_000 };
const TRIAL_BYTES = 64 * 1024;

/**
 * Writes an object to the store that `settings`, as in a configuration, name, reads it again and removes it. Gives what to say of it.
 * Throws what the store throws.
 */
export async function tryStore(settings: object, io: Io): Promise<string> {
  const storage = parseStorage(settings, "of these answers", machineDefaults((name) => io.env(name)));
  const begun = io.now().getTime();
  await using store = await openStore(toLocation(storage), () => {}, { create: true, policy: POLICY });
  const bytes = crypto.getRandomValues(new Uint8Array(TRIAL_BYTES));
  const name = `probe/${crypto.randomUUID()}`;
  await store.put(name, bytes);
  const back = await store.get(name);
  const isSame = back.length === bytes.length && back.every((byte, at) => byte === bytes[at]);
  if (!isSame) throw new CorruptionError(`${store.location} gives back other bytes than were written`);
  const removed = await store.remove(name).then(() => "removed", () => "not removed: it may not delete");
  return `${store.location} works: written, read and ${removed}, in ${
    formatDuration(io.now().getTime() - begun)
  }`;
}
