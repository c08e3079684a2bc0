import type { Operation } from "./operations.ts";
import { differenceOf, type Scene, type Tree } from "./scene.ts";

/**
 * What is not as it was promised, after something has gone wrong in `operation`: a snapshot that is listed and does not restore, one that is
 * lost, a next run that is not clean, an index or a lock that bars the way. Goes on until all is well again.
 */
export async function brokenPromise(scene: Scene, operation: Operation): Promise<string | undefined> {
  try {
    if (!operation.heals) await allRestore(scene, operation);
    const again = await operation.run(scene);
    if (again.code !== 0) return `the next run ends with ${again.code}: ${again.stderr}`;
    const said = again.stderr.replaceAll(/^note: An interrupted restore goes on\n/gim, "");
    if (said !== "") return `the next run is not clean: ${said}`;
    const missed = await operation.check?.(scene);
    if (missed !== undefined) return missed;
    return await allIsWell(scene, operation);
  } catch (error) {
    return (error as Error).message;
  }
}

/** Promise 2: a snapshot that is listed restores. Promise 3: none is lost. */
async function allRestore(scene: Scene, operation: Operation): Promise<void> {
  const listed = await scene.list();
  for (const { id } of listed) isSame(scene, id, await scene.restored(id));
  const gone = new Set(operation.removes?.(scene) ?? []);
  const ids = new Set(listed.map(({ id }) => id));
  for (const id of scene.made.keys()) {
    if (!ids.has(id) && !gone.has(id)) throw new Error(`snapshot ${id} is lost`);
  }
  for (const { id } of await scene.list(scene.second)) {
    isSame(scene, id, await scene.restored(id, scene.second));
  }
}

/** What no snapshot before it was, was made of the data as they are. */
function isSame(scene: Scene, id: string, restored: Tree): void {
  const difference = differenceOf(restored, scene.made.get(id) ?? scene.tree(scene.data));
  if (difference !== undefined) throw new Error(`snapshot ${id} restores to something else: ${difference}`);
}

/** Promise 5 and 6: the next backup is complete, and its index is sound. */
async function allIsWell(scene: Scene, operation: Operation): Promise<string | undefined> {
  const { code, stdout, stderr } = await scene.run("snapshot", "create", "--json");
  if (code !== 0 || stderr !== "") return `the next backup ends with ${code}: ${stderr}`;
  const { id } = JSON.parse(stdout);
  isSame(scene, id, await scene.restored(id));
  const checked = await scene.run("index", "check");
  if (checked.code !== 0) return `index check: ${checked.stderr}`;
  const verified = await scene.run("snapshot", "verify", "--deep", "--identity", scene.key, "--quiet");
  if (verified.code !== 0) return `verify --deep ends with ${verified.code}: ${verified.stderr}`;
  const gone = operation.removes?.(scene) ?? [];
  const left = (await scene.list()).filter(({ id }) => gone.includes(id));
  return left.length === 0 ? undefined : `${left[0]!.id} is still there`;
}
