import { manifestName } from "../../src/model/names.ts";
import { loadHostKeys } from "../../src/operations/host_keys.ts";
import { signedManifest } from "../../src/read/signed_manifest.ts";
import { readManifest } from "../../src/read/snapshots.ts";
import { storeList } from "../../src/write/publish.ts";
import type { Machine } from "./machine.ts";

/** Makes the manifest of a snapshot name its blobs by a list, as those of large ones do. */
export async function nameByList(machine: Machine, { id }: { readonly id: string }): Promise<void> {
  const tools = machine.tools();
  const manifest = await readManifest(tools, id);
  const lists = [await storeList(tools, manifest.tail)];
  const { signingKey } = loadHostKeys(machine.options.indexPath);
  await machine.store.put(manifestName(id), signedManifest({ ...manifest, lists, tail: [] }, signingKey));
}
