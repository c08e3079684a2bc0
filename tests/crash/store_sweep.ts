import { DiskImage } from "./disk_image.ts";
import type { Operation } from "./operations.ts";
import { brokenPromise } from "./promises.ts";
import { Scene } from "./scene.ts";
import { type Lost, type StorePlan, storeRecorder } from "./store_calls.ts";
import { chosen, type Point, shortPath } from "./sweep.ts";

const LOST: readonly Lost[] = ["request", "answer"];

/** Loses every call of `operation` to its stores, one after the other. */
export class StoreSweep implements Disposable {
  readonly #operation: Operation;
  readonly #scene: Scene;
  readonly #image: DiskImage;
  readonly #made: ReadonlyMap<string, string>;
  readonly calls: readonly string[];

  static async open(operation: Operation): Promise<StoreSweep> {
    const scene = await Scene.make();
    await operation.before(scene);
    const image = new DiskImage(scene.disk);
    storeRecorder.start();
    await operation.run(scene);
    return new StoreSweep(operation, scene, image, storeRecorder.stop());
  }

  private constructor(operation: Operation, scene: Scene, image: DiskImage, calls: readonly string[]) {
    this.#operation = operation;
    this.#scene = scene;
    this.#image = image;
    this.#made = new Map(scene.made);
    this.calls = calls;
  }

  /** Of every call, or of `sample` of them. */
  async *points(sample?: number): AsyncGenerator<Point> {
    const plans = this.calls.flatMap((_, at) =>
      [false, true].flatMap((forEver) => LOST.map((lost) => ({ at, lost, forEver })))
    );
    for (const plan of chosen(plans, sample)) yield await this.#lose(plan);
  }

  async #lose(plan: StorePlan): Promise<Point> {
    this.#image.restore();
    storeRecorder.start(plan);
    const { code, stderr } = await this.#operation.run(this.#scene);
    storeRecorder.stop();
    const complaint = stderr.includes("this is a bug")
      ? `taken for a bug: ${stderr}`
      : code === 5
      ? `taken for damage: ${stderr}`
      : code !== 0 && !plan.forEver
      ? `not tried again: ${stderr}`
      : undefined;
    this.#scene.made.clear();
    for (const [id, tree] of this.#made) this.#scene.made.set(id, tree);
    const broken = complaint ?? await brokenPromise(this.#scene, this.#operation);
    this.#scene.closeLeftOpen();
    const outcome = broken !== undefined
      ? "BROKEN"
      : code !== 0
      ? "refused"
      : stderr !== ""
      ? "warned"
      : "harmless";
    return {
      operation: this.#operation.name,
      number: plan.at + 1,
      call: `store: ${shortPath(this.calls[plan.at]!, this.#scene)}`,
      way: plan.forEver ? "kill" : "error",
      fault: `${plan.lost} lost`,
      outcome,
      detail: broken,
    };
  }

  [Symbol.dispose](): void {
    this.#scene[Symbol.dispose]();
  }
}
