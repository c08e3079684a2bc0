import type { JsonSchema } from "./json_kinds.ts";
import { MACHINE_SHAPES } from "./json_machine.ts";
import { SNAPSHOT_SHAPES } from "./json_snapshots.ts";

/** By the name of its schema: what prints it, and its shape. */
export const SHAPES: Readonly<Record<string, readonly [commands: string, shape: JsonSchema]>> = {
  ...MACHINE_SHAPES,
  ...SNAPSHOT_SHAPES,
};
