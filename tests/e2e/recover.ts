import { fileURLToPath } from "node:url";
import { hasPython } from "../fixtures/tree.ts";
import { hasProgram, type Scene } from "./vaultik.ts";

export const SCRIPT = fileURLToPath(new URL("../../docs/recover.py", import.meta.url));

/** What docs/recover.py would need and this machine lacks. */
export const missingForRecover = !hasPython
  ? "python3"
  : !hasProgram("age", "--version")
  ? "age"
  : !hasProgram("zstd", "--version")
  ? "zstd"
  : undefined;

export async function recover(
  scene: Scene,
  id: string,
  target: string,
): Promise<{ code: number; said: string }> {
  const { code, stderr } = await new Deno.Command("python3", {
    args: [SCRIPT, scene.store, id, scene.key, target],
  }).output();
  return { code, said: new TextDecoder().decode(stderr) };
}
