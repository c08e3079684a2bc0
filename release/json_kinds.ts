// Small words for JSON schemas of what commands print.

/** A JSON schema (draft 2020-12). */
export type JsonSchema = Readonly<Record<string, unknown>>;

export const text: JsonSchema = { type: "string" };
export const flag: JsonSchema = { type: "boolean" };
/** Files, objects, bytes, milliseconds. */
export const count: JsonSchema = { type: "integer", minimum: 0 };
export const whole: JsonSchema = { type: "integer" };
export const number: JsonSchema = { type: "number" };
/** RFC 3339, UTC. */
export const time: JsonSchema = {
  type: "string",
  pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$",
};
/** `2026-01-31` */
export const day: JsonSchema = { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$" };
export const snapshotId: JsonSchema = { type: "string", pattern: "^\\d{8}T\\d{6}Z-[a-z2-7]{8}-[0-9a-f]{8}$" };
export const drillId: JsonSchema = { type: "string", pattern: "^\\d{8}T\\d{6}Z-[a-z2-7]{8}$" };
export const hostId: JsonSchema = { type: "string", pattern: "^[a-z2-7]{26}$" };
export const anything: JsonSchema = {};
export const map: JsonSchema = { type: "object" };

export function one(...words: readonly string[]): JsonSchema {
  return { enum: words };
}

export function list(items: JsonSchema): JsonSchema {
  return { type: "array", items };
}

export function either(...schemas: readonly JsonSchema[]): JsonSchema {
  return { anyOf: schemas };
}

/** These members and no others; a name that ends with `?` may be missing. */
export function object(members: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const names = Object.keys(members);
  const required = names.filter((name) => !name.endsWith("?"));
  return {
    type: "object",
    properties: Object.fromEntries(names.map((name) => [name.replace(/\?$/, ""), members[name]])),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
}
