import { sha256Hex } from "../base/digest.ts";
import { CorruptionError, NotFoundError, RefusedError } from "../base/errors.ts";
import { decodeHost, HOST_STORED_MAX, KEYS_STORED_MAX } from "../model/host_keys.ts";
import { HOST_NAME, KEYS_PREFIX, sha256OfKeys } from "../model/names.ts";
import type { HostTools } from "../read/hosts.ts";
import { openSigned } from "../read/signed_manifest.ts";

/** What is wrong, by name, with the objects that make a directory that of a host: `host.json`, and its sealed keys. */
export async function hostFaults(tools: HostTools): Promise<Map<string, string>> {
  const { store, signal, host } = tools;
  const faults = new Map<string, string>();
  const fault = await faultOf(tools, HOST_NAME, HOST_STORED_MAX, (stored) => {
    if (stored.at(-1) !== 0x0a) throw new CorruptionError("it is cut short");
    decodeHost(openSigned(stored.subarray(0, -1), host), host);
  });
  if (fault !== undefined) faults.set(HOST_NAME, fault);
  let hasKeys = false;
  for await (const { name } of store.list(KEYS_PREFIX, { signal })) {
    const sha256 = sha256OfKeys(name);
    if (sha256 === undefined) continue;
    hasKeys = true;
    const fault = await faultOf(tools, name, KEYS_STORED_MAX, (stored) => {
      if (sha256Hex(stored) !== sha256) throw new CorruptionError("its bytes are others");
    });
    if (fault !== undefined) faults.set(name, fault);
  }
  if (!hasKeys) faults.set(KEYS_PREFIX, "is missing");
  return faults;
}

async function faultOf(
  { store, signal }: HostTools,
  name: string,
  maxBytes: number,
  check: (stored: Uint8Array) => void,
): Promise<string | undefined> {
  try {
    check(await store.get(name, { signal, maxBytes }));
  } catch (error) {
    if (error instanceof NotFoundError) return "is missing";
    if (error instanceof CorruptionError) return `is damaged: ${error.message}`;
    if (error instanceof RefusedError) return undefined; // a listing is all that these credentials can compare
    throw error;
  }
}
