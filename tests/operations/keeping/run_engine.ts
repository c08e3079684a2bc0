import { Engine } from "./engine.ts";
import type { EngineOptions } from "./engine_options.ts";

/** Lets an engine do `actions` things, then `end`. Throws with the seed and what happened last. */
export async function runEngine(
  options: EngineOptions,
  actions: number,
  end = (engine: Engine) => engine.end(),
): Promise<Engine> {
  const engine = new Engine(options);
  try {
    await engine.act(actions);
    await end(engine);
    return engine;
  } catch (error) {
    const text = `seed ${options.seed} (VAULTIK_TEST_SEED): ${(error as Error).message}`;
    throw new Error(`${text}\n${engine.log.slice(-40).join("\n")}`, { cause: error });
  }
}
